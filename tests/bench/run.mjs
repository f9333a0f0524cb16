// @ts-check
// The bench: node tests/bench/run.mjs [words of lines ...] [--list] [--again] [--quick] [--full] [--write]
//   words     only lines whose name has one of them: train, workers, long, page, "lstm 64,200,32"
//   --list    names the lines   --again  measures what is stored anew   --quick  tiny budgets, to see that it works
//   --full    every way of TensorFlow.js, and its slowest size   --write  puts the tables into docs/performance.md
// RIBOSTEP_BENCH: the native program; RIBOSTEP_BENCH_WEB: build folder of the WebAssembly; DIST: the built page.
import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {root} from '../e2e/harness.mjs';
import {benchPage} from './browser.mjs';
import {LineProcess, PageWorker} from './engines.mjs';
import {conditionLine, longLine, traceLine} from './long.mjs';
import {framesLine, idleLine, linkLine, panLine, sizeLine, startLine} from './page.mjs';
import {openApp, productLine} from './product.mjs';
import {report, writeInto} from './report.mjs';
import {busy, machine, state, Store} from './store.mjs';
import {shapeName, shapes, trainLine} from './train.mjs';

/** @typedef {import('./store.mjs').Figure} Figure @typedef {import('./store.mjs').Line} Line */

const NATIVE = process.env.RIBOSTEP_BENCH ?? join(root, 'build/native/ribostep_bench');
const WEB = process.env.RIBOSTEP_BENCH_WEB ?? join(root, 'build/web');
const PYTHON = '/usr/bin/python3';  // Debian's, which has Debian's PyTorch
const FOLDER = join(root, 'build/bench');

const words = process.argv.slice(2);
const flag = (/** @type {string} */ name) => words.includes(`--${name}`);
const unknown = words.find(word => word.startsWith('--') && !['list', 'again', 'quick', 'full', 'write'].includes(word.slice(2)));
const chosen = words.filter(word => !word.startsWith('--'));
const quick = flag('quick'), full = flag('full');
const command = ['./build_wasm.sh bench', ...words.map(word => (word.includes(' ') ? `"${word}"` : word))].join(' ');

/** What the lines are measured with, started when first needed. */
class Workshop {
  /** @type {Record<string, string>} */ versions = {Node: process.version};
  /** @type {Awaited<ReturnType<typeof benchPage>> | null} */ page = null;
  /** @type {Record<string, LineProcess>} */ processes = {};

  async bench() {
    if (!this.page) this.page = await benchPage(WEB);
    this.versions.Chromium = this.page.version;
    return this.page.page;
  }

  /** @param {string} name @param {string} path @param {string[]} rest */
  process(name, path, rest) {
    return this.processes[name] ??= new LineProcess(path, rest);
  }

  async programs() {
    const page = await this.bench(), script = join(root, 'tests/bench/torch_steps.py');
    const torch = this.process('torch', PYTHON, [script]), torchFlushed = this.process('torchFlushed', PYTHON, [script, 'flush']);
    this.versions.PyTorch = await torch.ask('version');
    const tensors = new PageWorker(page, 'tfjs');
    this.versions['TensorFlow.js'] ??= await tensors.ask('version');
    return {
      native: this.process('native', NATIVE, ['serve']), torch, torchFlushed, web: new PageWorker(page, 'ribostep'), tfjs: tensors,
      quick, full,
    };
  }

  /** Fresh programs for what shows its memory. @returns {Promise<import('./long.mjs').Place[]>} */
  async places() {
    const page = await this.bench();
    const web = new PageWorker(page, 'ribostep');
    await web.stop();
    return [
      {where: 'web', start: () => web, end: () => web.stop()},
      {where: 'native', start: () => new LineProcess(NATIVE, ['serve']), end: program => /** @type {LineProcess} */ (program).close()},
    ];
  }

  /** The page is measured with nothing else open. @template T @param {(app: Awaited<ReturnType<typeof openApp>>) => Promise<T>} work */
  async app(work) {
    await this.close();
    const app = await openApp();
    this.versions.Chromium = app.browser.version();
    try {
      return await work(app);
    } finally {
      await app.close();
    }
  }

  async close() {
    for (const one of Object.values(this.processes)) one.close();
    this.processes = {};
    await this.page?.close();
    this.page = null;
  }
}

const shop = new Workshop();

/** @param {() => Promise<Figure[]>} measure */
const alone = measure => async () => {
  await shop.close();
  return measure();
};

/** @type {{id: string, measure: () => Promise<Figure[]>}[]} */
const LINES = [
  ...shapes().map(shape => ({id: `train ${shapeName(shape)}`, measure: async () => trainLine(await shop.programs(), shape)})),
  ...shapes().filter(shape => shape.pool === 'last').map(shape => ({
    id: `workers ${shapeName(shape)}`, measure: () => shop.app(app => productLine(app, shape, quick)),
  })),
  {id: 'long step', measure: async () => longLine(await shop.places(), quick)},
  {id: 'long trace', measure: async () => traceLine(await shop.places(), quick)},
  {id: 'long condition', measure: async () => conditionLine(await shop.places())},
  {id: 'page frames 1,000', measure: alone(() => framesLine(1000, quick))},
  {id: 'page frames 50,000', measure: alone(() => framesLine(50_000, quick))},
  {id: 'page pan 50,000 x 64', measure: alone(() => panLine(50_000, 64, quick))},
  {id: 'page idle', measure: alone(() => idleLine(quick))},
  {id: 'page size', measure: alone(sizeLine)},
  {id: 'page start', measure: alone(() => startLine(quick))},
  {id: 'page link', measure: alone(() => linkLine(quick))},
];

/** @param {{id: string, measure: () => Promise<Figure[]>}} line @param {{commit: string, program: string, machine: string}} key @returns {Promise<Line>} */
async function measured({id, measure}, key) {
  const before = await busy(), began = Date.now();
  const figures = await measure();
  return {
    id, ...key, date: new Date().toISOString(), seconds: Math.round((Date.now() - began) / 1000), busy: Math.round(before),
    quick, full, versions: {...shop.versions}, figures,
  };
}

async function main() {
  if (unknown) {
    console.error(`bench: no such option: ${unknown}`);
    return 2;
  }
  const wanted = LINES.filter(({id}) => !chosen.length || chosen.some(word => id.includes(word)));
  if (flag('list') || !wanted.length) {
    console.log(LINES.map(({id}) => id).join('\n'));
    return flag('list') ? 0 : 2;
  }
  for (const [path, what] of [[NATIVE, 'the native program'], [join(WEB, 'ribostep_bench_web.mjs'), 'the WebAssembly'], [PYTHON, 'Python']]) {
    if (!existsSync(path)) throw new Error(`${what} is missing: ${path}; use ./build_wasm.sh bench`);
  }
  const key = {...state(root), machine: machine()};
  const store = new Store(join(FOLDER, 'lines'));
  const usable = (/** @type {Line | null} */ line) => line !== null && line.program === key.program && line.machine === key.machine &&
      (quick || !line.quick) && (!full || line.full || !line.id.startsWith('train '));
  /** @type {Line[]} */ const lines = [];
  let failed = 0;
  for (const line of wanted) {
    const old = store.read(line.id);
    if (old && usable(old) && !flag('again')) {
      console.log(`-- ${line.id}: stored (${old.date})`);
      lines.push(old);
      continue;
    }
    try {
      const now = await measured(line, key);
      store.write(now);
      lines.push(now);
      const [head] = now.figures;
      console.log(`ok ${line.id}: ${head.what} ${head.value.toPrecision(3)} ${head.unit} (${now.seconds} s${now.busy > 15 ? `, others busy ${now.busy} %` : ''})`);
    } catch (error) {
      ++failed;
      console.log(`FAILED ${line.id}: ${/** @type {Error} */ (error).stack ?? error}`);
      await shop.close();  // whatever state it was left in
    }
  }
  await shop.close();
  writeFileSync(join(FOLDER, 'bench.json'), JSON.stringify({...key, lines}, null, 1) + '\n');
  console.log(`\n${report(lines, command)}\n`);
  if (flag('write')) {  // whatever is finished, not this part alone
    const all = LINES.map(({id}) => store.read(id)).filter(usable).map(line => /** @type {Line} */ (line));
    writeInto(join(root, 'docs/performance.md'), report(all, './build_wasm.sh bench'));
  }
  if (failed) console.log(`${failed} of ${wanted.length} lines failed; the same command goes on with them.`);
  return failed ? 1 : 0;
}

process.exit(await main());
