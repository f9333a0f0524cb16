// `ribostep motif`: stages by their goldens, mistakes with a caret, matches, weights, and the check of them all.
// Usage: RIBOSTEP_CLI=path/to/ribostep node tests/cli_motif.mjs        Last line: "cli_motif: N passed, N failed".
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, check, finish, good, here, run, test } from './cli_harness.mjs';

const rows = (text) => text.trim().split('\n').map((line) => line.split('\t'));
const fasta = at('motif.fa');
writeFileSync(fasta, '>twice\nACGTACGA\n>none\nTTTT\n>open\nTACNT\n>lower\nacg\n');

test('goldens are what the commands print that they name', () => {
  const folder = join(here, 'golden', 'motif');
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  check('there are goldens', files.length >= 6, files.join());
  for (const name of files) {
    const parts = readFileSync(join(folder, name), 'utf8').split(/^\$ ribostep (.*)\n/m).slice(1);
    check(`${name}: two commands`, parts.length === 4);
    for (let k = 0; k < parts.length; k += 2) {
      const words = [...parts[k].matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2]);
      check(`${name}: ${parts[k]}`, good(words).out === parts[k + 1]);
    }
  }
});

test('one stage, as text and as DOT', () => {
  const all = good(['motif', 'AC?G']).out;
  for (const [stage, first] of [['tree', 'sequence'], ['nfa', '4 states, start q0'], ['dfa', '6 states, start s0'], ['minimal', '4 states, start s0']]) {
    const { out } = good(['motif', 'AC?G', '--stage', stage]);
    check(`${stage} begins`, out.startsWith(first), out);
    check(`${stage} is part of all`, all.includes(out));
    const dot = good(['motif', 'AC?G', '--stage', stage, '--dot']).out;
    check(`${stage} as DOT`, dot.startsWith('digraph ') && dot.endsWith('}\n') && dot.split('{').length === dot.split('}').length, dot);
  }
  check('--dot alone: the smallest', good(['motif', 'AC?G', '--dot']).out === good(['motif', 'AC?G', '--dot', '--stage', 'minimal']).out);
});

test('a mistake has its column and a caret below it', () => {
  const bad = run(['motif', 'ACG}T']);
  check('exit status 1', bad.status === 1);
  check('nothing on standard output', bad.out === '');
  check('words', bad.err.startsWith("ribostep: column 4: '}' without '{' before it; remove it\n"), bad.err);
  check('caret', bad.err.endsWith('  ACG}T\n     ^\n'), bad.err);
  const large = run(['motif', 'A.{12}C', '--mode', 'ends', '--stage', 'minimal']);
  check('too many states: how many and a remedy', large.status === 1 && /12,288 states.*4,096.*shorter/.test(large.err), large.err);
  const many = run(['motif', '((A{200}){200}){200}', '--stage', 'nfa']);
  check('of the NFA likewise', many.status === 1 && many.err.includes('8,000,001'), many.err);
});

test('words that are not understood', () => {
  for (const [words, says] of [
    [[], 'give a pattern'],
    [['A', '--mode', 'somewhere'], '--mode must be'],
    [['A', '--alphabet', 'series'], '--alphabet must be'],
    [['A', '--mismatches', '3'], '--mismatches must be'],
    [['A', '--stage', 'all'], '--stage must be'],
    [['A', '--construction', 'best'], '--construction must be'],
    [['A', '--weights', '--gain', '100'], '--gain must be from 0.25 to 12'],
    [['A', '--weights', '--dot'], 'choose one of'],
    [['--preset', 'nothing'], '--list'],
    [['A', '--preset', 'ecori'], 'leave "A" out'],
  ]) {
    const result = run(['motif', ...words]);
    check(`${words.join(' ')}: ${says}`, result.status === 2 && result.err.includes(says) && result.out === '', result.err);
  }
});

test('every preset is listed and compiles', () => {
  const list = rows(good(['motif', '--list']).out);
  check('many', list.length >= 18 && list.every((row) => row.length === 6));
  for (const [id, pattern, alphabet, mode, mismatches] of list) {
    const { out } = good(['motif', '--preset', id, '--stage', 'minimal']);
    check(`${id}: as written out`, out === good(['motif', pattern, '--alphabet', alphabet, '--mode', mode, '--mismatches', mismatches, '--stage', 'minimal']).out);
  }
  check('a preset in another mode', good(['motif', '--preset', 'ecori', '--mode', 'whole', '--stage', 'minimal']).out.startsWith('8 states'));
});

test('matches in sequences', () => {
  const ends = rows(good(['motif', 'ACG', '--mode', 'ends', '--match', fasta]).out);
  check('every hit at its last letter, maybe where a code leaves it open',
    JSON.stringify(ends) === JSON.stringify([['sequence', 'end', 'found'], ['twice', '3', 'yes'], ['twice', '7', 'yes'], ['open', '4', 'maybe'], ['lower', '3', 'yes']]), JSON.stringify(ends));
  const contains = rows(good(['motif', 'ACG', '--match', fasta]).out);
  check('contains', JSON.stringify(contains) === JSON.stringify([['sequence', 'accepted', 'first'], ['twice', 'yes', '3'], ['none', 'no', 'NA'], ['open', 'maybe', '4'], ['lower', 'yes', '3']]), JSON.stringify(contains));
  const whole = rows(good(['motif', '(ACGT?)+A?', '--mode', 'whole', '--match', fasta]).out);
  check('whole', whole[1].join() === 'twice,yes,3' && whole[2].join() === 'none,no,NA', JSON.stringify(whole));
  const near = rows(good(['motif', 'ACG', '--mode', 'ends', '--mismatches', '1', '--match', fasta]).out);
  check('with a mismatch ACN is certain', near.some((row) => row.join() === 'open,4,yes'), JSON.stringify(near));
  check('standard input, another format', good(['motif', 'R-G-D', '--alphabet', 'protein', '--mode', 'ends', '--match', '-'], 'MRGDW\n').out === 'sequence\tend\tfound\nsequence 1\t4\tyes\n');
  const none = run(['motif', 'A', '--match', at('missing.fa')]);
  check('no such file', none.status === 1 && none.err.includes('cannot read'), none.err);
});

test('weights, and why one unit cannot stand for a state', () => {
  const { out } = good(['motif', 'ACG', '--weights']);
  check('three units', out.includes('h[s1] = tanh(') && out.includes('h[s3] = tanh(') && !out.includes('h[s0] = '), out);
  check('s0 cannot', /^s0 \S+: no, because b_G > b_C .* and b_C > b_G /m.test(out), out);
  check('s1, s2, s3 can', ['s1 A', 's2 AC', 's3 ACG'].every((state) => out.includes(`${state}: yes, margin `)), out);
  const weights = (text) => rows(text.slice(text.indexOf('# weights'))).slice(1);
  const first = weights(out);
  const double = weights(good(['motif', 'ACG', '--weights', '--gain', '8']).out);
  const of = (table, name) => table.filter((row) => row[0] === name).map((row) => row.slice(2).map(Number));
  check('W_x is 3 x 4', of(first, 'weight_ih_l0').length === 3 && of(first, 'weight_ih_l0').every((row) => row.length === 4));
  check('twice the gain, twice the weights', JSON.stringify(of(double, 'weight_hh_l0')) === JSON.stringify(of(first, 'weight_hh_l0').map((row) => row.map((x) => 2 * x))));
  check('the textbook has a unit per state', good(['motif', 'ACG', '--weights', '--construction', 'textbook']).out.includes('h[s0] = tanh('));
  check('an LSTM has four gates', of(weights(good(['motif', 'ACG', '--weights', '--construction', 'lstm']).out), 'weight_ih_l0').length === 12);
});

test('the check of every stage', () => {
  for (const construction of ['exact', 'textbook', 'lstm']) {
    const { out } = good(['motif', 'TATAWAW', '--mode', 'ends', '--check', '--letters', '20000', '--construction', construction, '--quiet']);
    check(`${construction}: agreement`, out.endsWith('agreement\tyes\n') && out.includes('NFA and DFA\tthe same language'), out);
  }
  // With a gain this low the states leak into each other.
  const weak = run(['motif', 'TATAWAW', '--mode', 'ends', '--check', '--letters', '20000', '--gain', '0.25', '--quiet']);
  check('a gain that is too low: exit status 1 and a counterexample', weak.status === 1 && /^differs\tthe network on [ACGT]+$/m.test(weak.out) && weak.out.endsWith('agreement\tno\n'), weak.out);
});

finish('cli_motif');
