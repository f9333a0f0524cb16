// @ts-check
// Lines as tables: the same text on a terminal and in docs/performance.md.
import {readFileSync, writeFileSync} from 'node:fs';
import {reached, targetOf} from './targets.mjs';

/** @typedef {import('./store.mjs').Line} Line @typedef {import('./store.mjs').Figure} Figure */

const BEGIN = '<!-- bench: begin (written by ./build_wasm.sh bench --write) -->', END = '<!-- bench: end -->';
const CELLS = {lstm: 'LSTM', gru: 'GRU', elman: 'Elman'};
const BUSY = 15;  // % of the machine in others' hands, above which a line says so

/** Three digits, and no exponent. @param {number} value */
export function digits(value) {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 1 ? value.toFixed(2) : value.toFixed(3);
}

/** Cells padded to the width of their column. @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const widths = head.map((word, i) => Math.max(word.length, 3, ...rows.map(row => row[i].length)));
  const line = (/** @type {string[]} */ cells) =>
      `| ${cells.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i ? '-'.repeat(width - 1) + ':' : '-'.repeat(width))).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** "LSTM (16, 57, 32)" of "train lstm 16,57,32". @param {string} id */
function shapeWords(id) {
  const [, cell, size, pool] = id.split(' ');
  return `${CELLS[/** @type {keyof typeof CELLS} */ (cell)]} (${size.replaceAll(',', ', ')})${pool ? ', mean' : ''}`;
}

/** @param {Line | undefined} line @param {string} what */
const figure = (line, what) => line?.figures.find(one => one.what === what);

/** The value and half the distance of its quartiles. @param {Figure | undefined} one */
function shown(one) {
  if (!one) return '';
  const {spread, value} = one;
  const half = spread && spread.n > 2 ? ` ±${Math.round(50 * (spread.high - spread.low) / value)} %` : '';
  return digits(value) + half;
}

/** @param {Line[]} lines */
function trainTables(lines) {
  const steps = lines.filter(line => line.id.startsWith('train '));
  const paged = new Map(lines.filter(line => line.id.startsWith('workers ')).map(line => [shapeWords(line.id), line]));
  const ids = [...new Set([...steps.map(line => shapeWords(line.id)), ...paged.keys()])];
  if (!ids.length) return '';
  const by = new Map(steps.map(line => [shapeWords(line.id), line]));
  const columns = ['ribostep web', 'ribostep native', 'tfjs', 'torch 1', 'torch flushed 1', 'torch 2', 'torch flushed 2'];
  const times = table(
      ['Milliseconds a step (H, L, B)', 'worker', 'page, 1 worker', 'page, 2', 'native', 'TensorFlow.js', 'PyTorch, 1', 'flushed', 'PyTorch, 2', 'flushed'],
      ids.map(id => {
        const cells = columns.map(what => shown(figure(by.get(id), what)));
        const pages = ['page, 1 worker', 'page, 2 workers'].map(what => shown(figure(paged.get(id), what)));
        return [id, cells[0], ...pages, ...cells.slice(1)];
      }));
  if (!steps.length) return times;
  const rates = table(
      ['GFLOP/s (recurrent products alone)', 'worker', 'register loop', 'share', 'the product', 'native', 'register loop', 'share', 'the product', 'worker / native'],
      steps.map(line => [
        shapeWords(line.id),
        ...['web', 'native'].flatMap(where => ['gflops', 'loop', 'of loop', 'product'].map(what => {
          const one = figure(line, `${what} ${where}`);
          return one ? digits(one.value) + (one.unit === '%' ? ' %' : '') : '';
        })),
        shown(figure(line, 'web / native')),
      ]));
  return `${times}\n\n${rates}`;
}

/** @param {Line[]} lines */
function otherTable(lines) {
  const rows = lines.filter(line => !/^(train|workers) /.test(line.id)).flatMap(line => line.figures.map(
      one => [one.what, `${shown(one)} ${one.unit}`, one.note ?? '']));
  return rows.length ? table(['Figure', 'measured', 'note'], rows) : '';
}

/** @param {Line[]} lines */
function targetTable(lines) {
  const rows = [];
  let met = 0;
  for (const line of lines) {
    for (const one of line.figures) {
      const target = targetOf(line.id, one.what);
      if (!target) continue;
      const share = reached(target, one.value), ok = share >= 1;
      met += ok ? 1 : 0;
      const where = /^(train|workers) /.test(line.id) ? `${shapeWords(line.id)}: ` : '';
      const unit = one.unit === 'x' ? 'x' : ` ${one.unit}`;
      rows.push([
        where + one.what, digits(one.value) + unit, `${target.atLeast ? 'at least' : 'at most'} ${target.limit}${unit}`,
        `${ok ? 'met' : 'missed'}, ${digits(share)}x`,
      ]);
    }
  }
  return rows.length ? `${table(['Target', 'measured', 'wanted', 'verdict'], rows)}\n\n${met} of ${rows.length} targets met.` : '';
}

/** @param {Line[]} lines @param {string} command */
export function report(lines, command) {
  const first = lines[0], last = lines.at(-1);
  if (!first || !last) return 'nothing was measured';
  const versions = Object.assign({}, ...lines.map(line => line.versions));
  const disturbed = lines.filter(line => line.busy > BUSY).length;
  const ways = lines.flatMap(line => {
    const note = figure(line, 'tfjs')?.note;
    return note ? [`${shapeWords(line.id)}: ${note}`] : [];
  });
  return [
    `${first.machine}; ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    `Measured ${first.date.slice(0, 10)} at commit ${[...new Set(lines.map(line => line.commit))].join(', ')} with \`${command}\`.`,
    ...(disturbed ? [`Others kept the machine busy (above ${BUSY} %) before ${disturbed} of ${lines.length} lines.`] : []),
    '', trainTables(lines), '', otherTable(lines), '', targetTable(lines),
    ...(ways.length ? ['', `TensorFlow.js: backend and way of each size, the fastest counts. ${ways.join('; ')}.`] : []),
  ].join('\n').replace(/\n{3,}/g, '\n\n').trim();
}

/** Puts the report between the two marks of a document. @param {string} path @param {string} text */
export function writeInto(path, text) {
  const old = readFileSync(path, 'utf8');
  const begin = old.indexOf(BEGIN), end = old.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${path} lacks its two marks: ${BEGIN} ${END}`);
  writeFileSync(path, `${old.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${old.slice(end)}`);
}
