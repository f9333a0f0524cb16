// The command line as a person uses it: what it prints, where, and with which exit status.
// Usage: RIBOSTEP_CLI=path/to/ribostep node tests/cli.mjs        Last line: "cli: N passed, N failed".
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cli = process.env.RIBOSTEP_CLI ?? process.argv[2];
const assets = join(here, '..', 'assets');
const folder = mkdtempSync(join(tmpdir(), 'ribostep-cli-'));
const at = (name) => join(folder, name);

let passed = 0;
let failed = 0;
function check(what, good, detail = '') {
  if (good) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`FAILED: ${what}${detail === '' ? '' : `\n  ${String(detail).slice(0, 1000)}`}`);
}
function test(name, body) {
  try {
    body();
  } catch (error) {
    check(name, false, error.stack);
  }
}

// {status, out, err}
function run(words, input = '') {
  const result = spawnSync(cli, words, { input, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, RIBOSTEP_ASSETS: assets } });
  return { status: result.status, out: result.stdout, err: result.stderr };
}
function good(words, input) {
  const result = run(words, input);
  check(`exit status 0: ${words.join(' ').slice(0, 200)}`, result.status === 0, `${result.status} ${result.err}`);
  return result;
}
const lines = (text) => text.split('\n').filter((line) => line !== '');
const value = (text, key) => lines(text).find((line) => line.startsWith(`${key}\t`))?.split('\t')[1] ?? '';

// 40 sequences, half of them with a planted TATAAT; own generator, so that the file is the same everywhere.
function planted() {
  let state = 12345;
  const next = (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) % n;
  };
  let text = '';
  for (let i = 0; i < 40; i += 1) {
    const letters = Array.from({ length: 30 }, () => 'ACGT'[next(4)]);
    if (i % 2 === 0) letters.splice(5 + next(15), 6, ...'TATAAT');
    text += `>s${i} label=${i % 2 === 0 ? 'box' : 'none'}\n${letters.join('')}\n`;
  }
  return text;
}

test('help', () => {
  const overview = good(['--help']);
  for (const command of ['read', 'train', 'cv', 'step', 'predict', 'scan', 'link', 'open', 'export']) {
    check(`overview names ${command}`, overview.out.includes(`ribostep ${command} `));
    const help = good([command, '--help']);
    check(`${command} --help shows usage and options`, help.out.startsWith(`ribostep ${command} `) && help.out.includes('--assets'));
  }
  check('train --help shows the options of model and training', /--cell KIND[^]*--lr X/.test(good(['train', '--help']).out));
  check('cv --help shows the built-in sets', good(['cv', '--help']).out.includes('--example ID'));
});

test('words that are not understood', () => {
  for (const words of [[], ['fly'], ['read'], ['read', 'a', 'b'], ['read', '--wings'], ['read', 'a', '--alphabet'],
    ['read', 'a', '--alphabet', 'klingon'], ['read', 'a', '--labels', 'moon'], ['train'], ['train', 'a', '--example', 'promoters'],
    ['train', 'a', '--cell', 'transformer'], ['train', 'a', '--hidden', '0'], ['train', 'a', '--hidden', '99999999999999999999'],
    ['train', 'a', '--lr', 'fast'], ['train', 'a', '--lr', 'nan'], ['train', 'a', '--lr=-1'], ['train', 'a', '--both=1'],
    ['train', 'a', '--task', 'next', '--both'], ['cv', 'a', '--folds', '1'], ['cv', 'a', '--fold-seeds', '1,x'],
    ['link', 'a', '--weights', 'f8'], ['export', 'a', '--what', 'everything'], ['step'], ['scan', 'a', '--window', '0']]) {
    const result = run(words);
    check(`exit status 2: ${words.join(' ')}`, result.status === 2, `${result.status} ${result.err}`);
    if (words.length > 0) check(`points to help: ${words.join(' ')}`, /^ribostep: .*see `ribostep .*--help`$/m.test(result.err), result.err);
    check(`nothing on standard output: ${words.join(' ')}`, result.out === '');
  }
});

test('read', () => {
  writeFileSync(at('small.fa'), '>a first label=x\nACGTAC\nGTT\n>b label=y\nacgun\n>c\nAAAA\n');
  const result = good(['read', at('small.fa')]);
  const records = lines(result.out).map((line) => JSON.parse(line));
  check('one line per record', records.length === 3);
  check('the keys and their order', Object.keys(records[0]).join() === 'id,description,length,alphabet,label,residues');
  check('the first record', JSON.stringify(records[0]) ===
    '{"id":"a","description":"first label=x","length":9,"alphabet":"DNA","label":"x","residues":"ACGTACGTT"}', result.out);
  check('lower case and U', records[1].residues === 'ACGTN');
  check('no label', records[2].label === null);
  check('standard input reads the same', good(['read', '-'], readFileSync(at('small.fa'), 'utf8')).out === result.out);
  const rna = good(['read', at('small.fa'), '--alphabet', 'rna', '--labels', 'none']);
  check('alphabet and label rule as asked', rna.out.includes('"alphabet":"RNA"') && !rna.out.includes('"label":"'));

  const odd = run(['read', '-'], '>a\nACGTJ\n');
  check('an odd letter is reported with its place', /line 2, column 5/.test(odd.err), odd.err);
  check('what can be read is kept', JSON.parse(lines(odd.out)[0]).length >= 4);
  for (const [what, input] of [['nothing', ''], ['blank lines', '\n\n'], ['a binary file', '\u0000\u0001\u0002PK\u0003\u0004']]) {
    const result2 = run(['read', '-'], input);
    check(`${what}: exit status 1 and a message`, result2.status === 1 && result2.err.length > 10 && result2.out === '', result2.err);
  }
  check('no such file: exit status 1', run(['read', at('nowhere.fa')]).status === 1);
  const long = good(['read', '-', '--quiet'], `>long\n${'ACGT'.repeat(300000)}\n`);
  check('1.2 MB on one line', JSON.parse(long.out).length === 1200000);
});

test('train, link, open, step', () => {
  writeFileSync(at('planted.fa'), planted());
  const file = at('planted.ribostep.json');
  const options = ['--cell', 'lstm', '--hidden', '8', '--pool', 'max', '--lr', '0.02', '--updates', '40', '--seed', '5'];
  const first = good(['train', at('planted.fa'), ...options, '--title', 'Boxes', '-o', file]);
  const hash = value(first.out, 'hash');
  check('a hash of 16 digits', /^[0-9a-f]{16}$/.test(hash), first.out);
  check('as many updates as asked', value(first.out, 'updates') === '40');
  check('n and interval beside the accuracy', /of 3\d right: .*95 % interval/.test(value(first.out, 'train')), first.out);
  check('under ten records counts only', !value(first.out, 'validation').includes('interval'), first.out);
  check('baselines', first.out.includes('baseline, majority class'));
  check('the same words give the same bits', value(good(['train', at('planted.fa'), ...options]).out, 'hash') === hash);
  check('another seed gives others', value(good(['train', at('planted.fa'), ...options, '--seed=6']).out, 'hash') !== hash);

  const project = JSON.parse(readFileSync(file, 'utf8'));
  check('the project is readable', project.ribostep === 1 && project.title === 'Boxes' && project.updates === 40 && project.weights.hash === hash);

  const recipe = good(['link', file, '--weights', 'recipe', '--base', 'https://example.org/r/']).out.trim();
  check('the link begins as asked', recipe.startsWith('https://example.org/r/#p='));
  check('a recipe is what a small model gets', good(['link', file, '--base', 'https://example.org/r/']).out.trim() === recipe);
  const opened = good(['open', recipe]);
  check('trained again to the same bits', opened.out.includes(`${hash}, trained again`) && opened.out.includes(`${hash}, the same bits`), opened.out);
  for (const form of ['f32', 'f16']) {
    const link = good(['link', file, '--weights', form]).out.trim();
    check(`${form} opens as sent`, good(['open', link]).out.includes('as sent'));
  }
  check('weights that came along can be trained again', good(['open', file, '--replay']).out.includes('the same bits'));

  const tampered = at('tampered.ribostep.json');
  writeFileSync(tampered, JSON.stringify({ ...project, weights: { hash: '0123456789abcdef' } }));
  const liar = run(['open', tampered]);
  check('other weights than promised: exit status 1', liar.status === 1 && liar.out.includes('NOT the same'), liar.out);
  writeFileSync(tampered, JSON.stringify({ ...project, updates: 39 }));
  const fallback = good(['link', tampered, '--base', '']).out.trim();
  check('a recipe that does not come out is not sent', good(['open', fallback]).out.includes(`${hash}, as sent`));

  const table = lines(good(['step', recipe, '--sequence', 's4']).out).map((line) => line.split('\t'));
  check('one row per position', table.length === 31 && table[0][0] === 'position' && table[30][0] === '30');
  check('every row as long as the header', table.every((row) => row.length === table[0].length));
  check('h, c, four gates and two probabilities', table[0].length === 2 + 8 * 6 + 2, table[0].length);
  const part = lines(good(['step', file, '--sequence', '5', '--from', '3', '--to', '4']).out);
  check('a part of the same table, file or link', part.length === 3 && part[1] === table[3].join('\t') && part[2] === table[4].join('\t'));
  const json = JSON.parse(good(['step', file, '--sequence', 's4', '--from', '3', '--to', '3', '--json']).out);
  check('JSON has the same digits', json.weights === hash && json.positions[0].layers[0].h.every((x, unit) => x === Number(table[3][2 + unit])));
  check('JSON names outputs', Object.keys(json.positions[0].p).join() === 'box,none');
  check('the untrained twin differs', good(['step', file, '--sequence', 's4', '--untrained', '--from', '3', '--to', '3']).out !== `${part[0]}\n${part[1]}\n`);
  check('no such sequence: exit status 1', run(['step', file, '--sequence', 's99']).status === 1);
  check('no such position: exit status 1', run(['step', file, '--from', '31']).status === 1);

  for (const [what, text] of [['cut', recipe.slice(0, recipe.length - 20)], ['edited', recipe.replace(/.(.{30})$/, (m, rest) => (m[0] === 'A' ? 'B' : 'A') + rest)]]) {
    const damaged = run(['open', text]);
    check(`a link that was ${what}: exit status 1 and what to do`, damaged.status === 1 && /ask for it again/.test(damaged.err), damaged.err);
  }
  writeFileSync(at('link.txt'), `${recipe.slice(0, 76)}\r\n${recipe.slice(76)}\r\n`);
  check('a link in a text file, broken over lines', good(['open', at('link.txt')]).out.includes('the same bits'));

  const predictions = lines(good(['predict', file]).out).map((line) => line.split('\t'));
  check('a prediction for every sequence', predictions.length === 41 && predictions[0][0] === 'name');
  check('the same as a file', good(['export', file, '--what', 'predictions']).out === good(['predict', file]).out);
  writeFileSync(at('query.fa'), '>q1\nACGTTATAATGGCATTACGACGCAGACTGA\n>q2\nGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG\n');
  const query = lines(good(['predict', file, at('query.fa')]).out);
  check('a prediction for other sequences only', query.length === 3 && query[1].startsWith('q1\t30\t'), query.join('\n'));
  writeFileSync(at('long.fa'), `>long\n${'GATTACAC'.repeat(10)}\n`);
  const scan = lines(good(['scan', file, at('long.fa'), '--window', '30', '--step', '10']).out);
  check('windows on both strands', scan.length === 1 + 2 * 6 && scan[1].startsWith('long\t1\t30\t+\t') && scan[12].startsWith('long\t51\t80\t-\t'), scan.join('\n'));
  check('one strand', lines(good(['scan', file, at('long.fa'), '--window', '30', '--step', '10', '--forward']).out).length === 7);

  const fasta = good(['export', file, '--what', 'fasta']).out;
  check('FASTA reads back to the same records', good(['read', '-'], fasta).out === good(['read', at('planted.fa')]).out);
  check('project out is project in', JSON.stringify(JSON.parse(good(['export', file, '--what', 'project']).out)) === JSON.stringify(project));
  good(['export', recipe, '--what', 'trace', '-o', at('trace.tsv')]);
  check('the trace as a file', lines(readFileSync(at('trace.tsv'), 'utf8')).length === 31);
  check('a folder that is not there: exit status 1', run(['export', file, '-o', at('nowhere/x.json')]).status === 1);
});

test('tasks per position and the next symbol', () => {
  const next = good(['train', '-', '--epochs', '3', '--cell', 'elman', '--hidden', '4'], `>a\n${'ACGT'.repeat(20)}\n>b\n${'AACC'.repeat(20)}\n>c\n${'AACC'.repeat(10)}\n`);
  check('unlabelled sequences: the next symbol', next.out.includes('next symbol'), next.out);
  const refused = run(['train', '-', '--task', 'sequence'], '>a\nACGT\n>b\nAACC\n');
  check('no labels for the task that was asked: exit status 1', refused.status === 1 && refused.err.includes('nothing to learn'), refused.err);
  const table = 'id\tsequence\tannotation\na\tACGTACGTACGT\t111122221111\nb\tACGTACGTACGA\t111122221112\nc\tACGTACGTTTTT\t222222221111\n';
  const position = good(['train', '-', '--epochs', '3', '--hidden', '4', '--both'], table);
  check('an annotation: a label per position', position.out.includes('label per position'), position.out);
});

test('cross-validation', () => {
  const words = ['cv', at('planted.fa'), '--hidden', '4', '--pool', 'max', '--epochs', '4', '--folds', '4', '--fold-seeds', '1,2'];
  const result = good(words);
  check('figures, confusion and baselines for each fold seed', (result.out.match(/of 40 right/g) ?? []).length >= 4 &&
    (result.out.match(/true \\ predicted\tbox\tnone/g) ?? []).length === 2 && (result.out.match(/baseline, majority/g) ?? []).length === 2, result.out);
  check('the mean', /^mean accuracy over 2 fold seeds\t0\.\d{4}$/m.test(result.out));
  const json = lines(good([...words, '--json']).out).map((line) => JSON.parse(line));
  check('JSON: counts add up', json.length === 2 && json.every((cv) => cv.n === 40 && cv.confusion.reduce((a, b) => a + b) === 40 &&
    cv.confusion[0] + cv.confusion[3] === cv.correct));
  check('JSON: the same figures', result.out.includes(`${json[1].correct} of 40 right`));
  check('the same folds again', good([...words, '--json']).out === json.map((cv) => `${JSON.stringify(cv)}\n`).join(''));
  const many = run([...words, '--folds', '30']);
  check('more folds than the smallest class has members: exit status 1', many.status === 1 && many.err.includes('between 2 and 20'), many.err);
});

test('built-in sets', () => {
  const result = good(['train', '--example', 'promoters', '--hidden', '4', '--epochs', '1', '-o', at('p.ribostep.json')]);
  check('106 promoters and others', value(result.out, 'data').startsWith('106 sequences'));
  const link = good(['link', at('p.ribostep.json'), '--weights', 'recipe']).out.trim();
  check('by reference, a short link', link.length < 600, link.length);
  check('opens', good(['open', link]).out.includes('the same bits'));
  const unknown = run(['train', '--example', 'unicorns']);
  check('an unknown set: exit status 1 and the known ones', unknown.status === 1 && unknown.err.includes('promoters'), unknown.err);
  const astray = run(['open', link, '--assets', folder]);
  check('no assets: exit status 1 and what to do', astray.status === 1 && astray.err.includes('--assets'), astray.err);
});

// {name: [shape, numbers]} as a safetensors file of doubles.
function safetensors(tensors) {
  const header = {};
  const numbers = [];
  for (const [name, [shape, values]] of Object.entries(tensors)) {
    header[name] = { dtype: 'F64', shape, data_offsets: [numbers.length * 8, (numbers.length + values.length) * 8] };
    numbers.push(...values);
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.from(new Float64Array(numbers).buffer)]);
}

test('forward', () => {
  const [wx, wh, bx, bh] = [[0.5, -1.25], 0.75, 0.1, -0.3];
  writeFileSync(at('w.safetensors'), safetensors({ weight_ih_l0: [[1, 2], wx], weight_hh_l0: [[1, 1], [wh]], bias_ih_l0: [[1], [bx]], bias_hh_l0: [[1], [bh]] }));
  writeFileSync(at('spec.json'), '{"cell":"elman","hidden":1}');
  const x = [[[1, 0]], [[0.5, 2]], [[-1, 1]]];
  const h0 = 0.2;
  writeFileSync(at('x.json'), JSON.stringify({ x, h0: [[[h0]]] }));
  writeFileSync(at('dy.json'), JSON.stringify({ dy: [[[0]], [[0]], [[1]]] }));
  const words = ['forward', '--weights', at('w.safetensors'), '--spec', at('spec.json'), '--input', at('x.json')];
  const result = JSON.parse(good([...words, '--dy', at('dy.json'), '--double']).out);
  let h = h0;
  const states = x.map(([[a, b]]) => (h = Math.tanh(wx[0] * a + wx[1] * b + bx + bh + wh * h)));
  // A few roundings of double between the two ways to write the same step.
  const near = (a, b) => Math.abs(a - b) < 1e-14;
  check('h_t = tanh(W_x x + W_h h + b)', states.every((s, t) => near(s, result.output[t][0][0])), JSON.stringify(result));
  check('the last state', near(result.h_n[0][0][0], states[2]));
  const slope = states.reduce((product, s) => product * wh * (1 - s * s), 1);
  check('dL/dh_0 is the product of the steps', near(result.gradients.h0[0][0][0], slope), `${result.gradients.h0} ${slope}`);
  check('dL/dx of the last step', near(result.gradients.x[2][0][0], wx[0] * (1 - states[2] ** 2)));
  const float = JSON.parse(good(words).out);
  check('float: the same to seven digits', Math.abs(float.output[2][0][0] - states[2]) < 1e-6 && float.gradients === undefined);
  writeFileSync(at('spec.json'), '{"cell":"lstm","hidden":1}');
  const wrong = run(words);
  check('weights of another cell: exit status 1 and both shapes', wrong.status === 1 && wrong.err.includes('[1, 2]') && wrong.err.includes('[4, 2]'), wrong.err);
  writeFileSync(at('x.json'), JSON.stringify({ x: [[[1, 0]], [[1]]] }));
  writeFileSync(at('spec.json'), '{"cell":"elman","hidden":1}');
  const ragged = run(words);
  check('a ragged array: exit status 1 and where', ragged.status === 1 && ragged.err.includes('dimension 3'), ragged.err);
  check('--weights is needed: exit status 2', run(['forward']).status === 2);
});

test('promoter recipe', () => {
  // The recommended recipe for this set: nothing here was tuned or stopped on a test fold. One fold seed, for time.
  const cv = JSON.parse(execFileSync(cli, ['cv', '--example', 'promoters', '--cell', 'gru', '--hidden', '32', '--both', '--pool', 'max',
    '--optimiser', 'adamw', '--lr', '0.01', '--weight-decay', '0.1', '--epochs', '60', '--batch', '16', '--json', '--quiet'],
  { encoding: 'utf8', env: { ...process.env, RIBOSTEP_ASSETS: assets } }));
  // Deterministic: the README's figure for fold seed 1. A change of bits changes it and has to change the README too.
  check('ten-fold accuracy', cv.n === 106 && cv.correct === 94, JSON.stringify(cv));
  check('baselines on the same folds', cv.baselines['majority class'].n === 106 && cv.baselines['positional logistic regression'].correct > 90);
});

rmSync(folder, { recursive: true, force: true });
console.log(`cli: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
