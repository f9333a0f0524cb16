// `ribostep sensitivity`, `ribostep equivariance` and `ribostep attribute`, as a person uses them.
// Usage: RIBOSTEP_CLI=path/to/ribostep node tests/cli_looks.mjs        Last line: "cli_looks: N passed, N failed".
import { writeFileSync } from 'node:fs';

import { at, check, finish, good, run, test } from './cli_harness.mjs';

const rows = (text) => text.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
const near = (a, b, tolerance) => Math.abs(a - b) <= tolerance;

// 12 sequences in two classes, and 4 annotated ones.
const labelled = Array.from({ length: 12 }, (_, i) =>
  `>s${i} label=${i % 2 ? 'odd' : 'even'}\n${Array.from({ length: 20 }, (_, t) => 'ACGT'[(t * t + i * (t + 3)) % 4]).join('')}\n`).join('');
const annotated = 'id\tsequence\tannotation\na\tACGTACGTAGCA\tnnxxxxnnnnnn\nb\tTTACGTTT\tnxxxxnnn\nc\tTTACGTTTA\tnxxxxnnnn\nd\tACGTTT\txxnnnn\n';
function project(name, text, options) {
  writeFileSync(at(`${name}.txt`), text);
  good(['train', at(`${name}.txt`), '--updates', '10', '--seed', '3', ...options, '-o', at(name), '--quiet']);
  return at(name);
}

test('help', () => {
  for (const command of ['sensitivity', 'equivariance', 'attribute']) {
    check(`overview names ${command}`, good(['--help']).out.includes(`ribostep ${command} `));
    check(`${command} --help`, good([command, '--help']).out.startsWith(`ribostep ${command} `));
  }
  for (const words of [['sensitivity'], ['sensitivity', 'a', '--loss', 'all'], ['sensitivity', 'a', '--position', '3'],
    ['sensitivity', 'a', '--loss', 'at_cursor', '--position', '0'], ['equivariance', 'a', 'b'],
    ['attribute', 'a', '--method', 'magic'], ['attribute', 'a', '--window', '0'], ['attribute', 'a', '--of', 'logit']]) {
    const result = run(words);
    check(`exit status 2: ${words.join(' ')}`, result.status === 2 && result.out === '', `${result.status} ${result.err}`);
  }
});

test('one Elman unit: every figure follows from its states', () => {
  const file = project('one', labelled, ['--cell', 'elman', '--hidden', '1']);
  const result = good(['sensitivity', file, '--sequence', 's4']);
  const table = rows(result.out);
  check('the header', table[0].join() === 'position,letter,dL/dh(l0),dL/dx,step_sigma,product_sigma', table[0].join());
  check('a row per position', table.length === 21 && table[20][0] === '20');
  check('standard error says of what', result.err.includes('state of 1 numbers'), result.err);
  const states = rows(good(['step', file, '--sequence', 's4']).out).slice(1).map((row) => Number(row[2]));
  const numbers = table.slice(1).map((row) => row.slice(2).map(Number));
  // sigma_t = |w_h| (1 - h_t^2). States are floats here and doubles there.
  const weight = numbers.map((row, t) => row[2] - Math.log10(1 - states[t] ** 2));
  check('|w_h| is the same at every step', weight.every((w) => near(w, weight[0], 1e-5)), weight.join());
  let sum = 0;
  check('the product is the sum of logarithms', numbers.every((row) => near(row[3], (sum += row[2]), 1e-6)));
  // Only the last state is read out: dL/dh_t = dL/dh_T times the steps between.
  check('gradients shrink step by step', numbers.every((row, t) =>
    near(row[0], numbers[19][0] + numbers.slice(t + 1).reduce((s, later) => s + later[2], 0), 1e-6)));
  const json = JSON.parse(good(['sensitivity', file, '--sequence', 's4', '--json', '--quiet']).out);
  check('JSON has the same figures', json.positions.length === 20 && json.loss === 'whole' &&
    json.positions.every((p, t) => near(p.layers[0]['dL/dh'], numbers[t][0], 1e-6) && near(p.product_sigma, numbers[t][3], 1e-6)));
  check('the untrained twin differs', good(['sensitivity', file, '--sequence', 's4', '--untrained']).out !== result.out);
});

test('the loss at the cursor hears nothing of what comes later', () => {
  const file = project('positions', annotated, ['--cell', 'lstm', '--hidden', '3']);
  const whole = rows(good(['sensitivity', file, '--sequence', 'a']).out).slice(1);
  const cursor = rows(good(['sensitivity', file, '--sequence', 'a', '--loss', 'at_cursor', '--position', '5']).out).slice(1);
  check('-inf from position 6 on', cursor.every((row, t) => (row[3] === '-inf') === (t >= 5)), cursor.join('\n'));
  check('the Jacobians do not ask for the loss', cursor.every((row, t) => row[4] === whole[t][4] && row[5] === whole[t][5]));
  const last = rows(good(['sensitivity', file, '--sequence', 'a', '--loss', 'last_output']).out).slice(1);
  check('the last output hears everything', last.every((row) => row[3] !== '-inf') && last[0][3] !== whole[0][3]);
  const json = JSON.parse(good(['sensitivity', file, '--sequence', 'a', '--loss', 'at_cursor', '--position', '5', '--json']).out);
  check('-inf and the direct path in JSON', json.positions[8]['dL/dx'] === '-inf' && json.positions[8].layers[0].direct_path.length === 3);
  check('no such position: exit status 1', run(['sensitivity', file, '--sequence', 'a', '--loss', 'at_cursor', '--position', '13']).status === 1);
  check('no such sequence: exit status 1', run(['sensitivity', file, '--sequence', 'z']).status === 1);
});

test('two directions have no Jacobians, and that is said', () => {
  const result = good(['sensitivity', project('both', labelled, ['--cell', 'gru', '--hidden', '2', '--both'])]);
  const table = rows(result.out);
  check('a column per direction', table[0].join().includes('dL/dh(l0),dL/dh(l0_reverse)'));
  check('NA', table.slice(1).every((row) => row[5] === 'NA' && row[6] === 'NA'));
  check('the reason', result.err.includes('two directions'), result.err);
});

test('the meter of rotations', () => {
  const figures = (file, ...words) => JSON.parse(good(['equivariance', file, ...words, '--json', '--quiet']).out);
  const line = figures(project('line', labelled, ['--cell', 'gru', '--hidden', '4']), '--sequence', '2');
  check('a line depends on its origin', line.rotations === 19 && line.all && line.now.largest_change > 1e-4 && line.now.shift >= 1, JSON.stringify(line));
  check('the untrained twin beside it', line.untrained.largest_change > 0 && line.untrained.largest_change !== line.now.largest_change);
  const circle = project('circle', labelled, ['--cell', 'elman', '--hidden', '4', '--pool', 'mean', '--circular', 'fixed_point', '--max-passes', '64',
    '--init', 'uniform', '--init-range', '0.1', '--lr', '0.001']);
  const turned = figures(circle);
  // Weights of 0.1 contract; 1e-6 is what counts as settled, and floats add some of their own.
  check('a settled circle does not', turned.now.largest_change < 1e-5 && turned.now.unsettled === 0 && turned.as_given.startsWith('settled after'), JSON.stringify(turned));
  const text = good(['equivariance', circle]);
  check('the same as lines', /^rotations\t19$/m.test(text.out) && /^now\tlargest_change \S+\tshift \d+\toutput (even|odd)\tunsettled 0$/m.test(text.out), text.out);
  const codons = project('codons', annotated, ['--input', 'codons', '--cell', 'gru', '--hidden', '3']);
  const frames = figures(codons, '--sequence', 'a');
  check('codons turn by three', frames.rotations === 3 && frames.now.shift % 3 === 0 && frames.now.position % 3 === 1, JSON.stringify(frames));
  const odd = run(['equivariance', codons, '--sequence', 'b']);
  check('8 letters are refused with the reason', odd.status === 1 && odd.out === '' && odd.err.includes('codons'), odd.err);
  const next = run(['equivariance', project('next', labelled, ['--task', 'next'])]);
  check('the next letter is refused with a way out', next.status === 1 && next.err.includes('another task'), next.err);
});

test('attribution adds up, and says when it does not', () => {
  const file = project('explained', labelled, ['--cell', 'gru', '--hidden', '3']);
  const parts = (text) => ({
    figures: Object.fromEntries([...text.matchAll(/(f\(x\)|f\(x0\)|sum|residual) = ([-+.e\d]+)/g)].slice(-4).map((m) => [m[1], Number(m[2])])),
    table: rows(text.split('\n').filter((line) => !line.startsWith('#')).join('\n')),
  });
  for (const method of ['mutagenesis', 'occlusion', 'gradient', 'integrated', 'left_to_right']) {
    const { out } = good(['attribute', file, '--sequence', 's4', '--method', method, '--output', 'odd', '--quiet']);
    const { figures, table } = parts(out);
    check(`${method}: a row per position`, table.length === 21 && table[20][0] === '20' && table[0][2] === 'contribution', table[0].join());
    const sum = table.slice(1).reduce((s, row) => s + Number(row[2]), 0);
    check(`${method}: the printed sum is that of the table`, near(sum, figures.sum, 1e-6), `${sum} ${figures.sum}`);
    check(`${method}: the printed residual is the true one`, near(figures.residual, sum - (figures['f(x)'] - figures['f(x0)']), 1e-6), out);
    if (method === 'integrated') check('under 1 %', Math.abs(figures.residual) <= 0.01 * Math.abs(figures['f(x)'] - figures['f(x0)']) && out.includes('64 steps'), out);
    if (method === 'left_to_right') check('to the last bits', Math.abs(figures.residual) < 1e-12, String(figures.residual));
    if (method === 'mutagenesis') check('a column per substitution, 0 for the letter itself', table[0].length === 7 && table.slice(1).every((row) => Number(row[3 + 'ACGT'.indexOf(row[1])]) === 0));
  }
  const control = good(['attribute', file, '--sequence', 's4', '--control', '--baseline', 'dinucleotide', '--quiet']).out;
  check('the untrained twin beside it', /# untrained twin: sum = \S+, correlation/.test(control), control);
  const none = run(['attribute', file, '--output', 'nothing']);
  check('an unknown output is refused with those there are', none.status === 1 && none.err.includes('even, odd'), none.err);
  const annotatedFile = project('explained_positions', annotated, ['--cell', 'lstm', '--hidden', '3', '--directions', 'forward']);
  const early = parts(good(['attribute', annotatedFile, '--sequence', 'a', '--position', '4', '--quiet']).out).table.slice(1);
  check('what is read later has no part', early.every((row, t) => t < 4 || Number(row[2]) === 0), early.join('\n'));
});

finish('cli_looks');
