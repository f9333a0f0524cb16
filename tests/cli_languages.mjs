// `ribostep language` and `ribostep extract`, as a person uses them: strings of a language, a network trained on them,
// the machine out of it.
// Usage: RIBOSTEP_CLI=path/to/ribostep node tests/cli_languages.mjs    Last line: "cli_languages: N passed, N failed".
import { readFileSync, writeFileSync } from 'node:fs';

import { at, check, finish, good, run, test } from './cli_harness.mjs';

const rows = (text) => text.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
const fact = (out, name) => (out.split('\n').find((line) => line.startsWith(`${name}\t`)) ?? '').split('\t')[1];
// The recipe's model and settings, as the notes of `ribostep language --help` have them.
const recipe = ['--task', 'position', '--hidden', '16', '--lr', '0.02', '--batch', '32', '--quiet'];
const language = (file, ...words) => {
  good(['language', ...words, '-o', at(file)]);
  return at(file);
};

test('help and mistakes', () => {
  for (const command of ['language', 'extract']) {
    check(`overview names ${command}`, good(['--help']).out.includes(`ribostep ${command} `));
    check(`${command} --help`, good([command, '--help']).out.startsWith(`ribostep ${command} `));
  }
  for (const words of [['language'], ['language', 'tomita8'], ['language', 'tomita1', '--pattern', 'A'],
    ['language', 'tomita1', '--mode', 'whole'], ['language', 'tomita1', '--records', '0'],
    ['language', 'tomita1', '--min', '9', '--max', '3'], ['language', '--pattern', 'ACG', '--alphabet', 'klingon'],
    ['extract'], ['extract', 'a', '--method', 'magic'], ['extract', 'a', '--max-states', '1'],
    ['extract', 'a', '--empty', 'perhaps'], ['extract', 'a', '--language', 'frame', '--pattern', 'ACG']]) {
    const result = run(words);
    check(`exit status 2: ${words.join(' ')}`, result.status === 2 && result.out === '', `${result.status} ${result.err}`);
  }
  check('an unknown language names those there are', run(['language', 'tomita8']).err.includes('tomita7'));
  check('a pattern that cannot be read: exit status 1', run(['language', '--pattern', 'AC(']).status === 1);
});

test('the list', () => {
  const list = rows(good(['language', '--list']).out);
  check('twelve languages', list.length === 12 && list[0].slice(0, 3).join() === 'tomita1,bits,2 states', list.join('\n'));
  check('Reber has its own letters', list.some((row) => row[0] === 'reber' && row[1] === 'reber' && row[2] === '21 states'));
});

test('strings of a language', () => {
  const text = good(['language', 'tomita2', '--records', '60', '--max', '12', '--seed', '4']).out;
  check('the text says its alphabet', text.startsWith('; alphabet=bits\n'));
  const table = rows(text.split('\n').slice(1).join('\n'));
  check('the header', table[0].join() === 'id,label,sequence,annotation', table[0].join());
  check('60 strings of 1 to 12 letters', table.length === 61 && table.slice(1).every((row) => /^[01]{1,12}$/.test(row[2])));
  check('labels and answers at every prefix are right', table.slice(1).every(([, label, sequence, annotation]) =>
    (label === 'accepted') === /^(10)*$/.test(sequence) && annotation === [...sequence].map((_, t) =>
      (/^(10)*$/.test(sequence.slice(0, t + 1)) ? '1' : '0')).join('')));
  check('half are accepted', table.filter((row) => row[1] === 'accepted').length === 30);
  check('the same for a seed', good(['language', 'tomita2', '--records', '60', '--max', '12', '--seed', '4']).out === text);
  check('others for another', good(['language', 'tomita2', '--records', '60', '--max', '12', '--seed', '5']).out !== text);
  const dna = rows(good(['language', '--pattern', 'TATAWAW', '--mode', 'contains', '--records', '40']).out);
  check('of a motif', dna.slice(1).every((row) => (row[1] === 'accepted') === /TATA[AT]A[AT]/.test(row[2])), dna.join('\n'));
});

test('what is written is read back', () => {
  for (const [id, letters] of [['tomita3', /^[01]+$/], ['brackets', /^[()]+$/], ['reber', /^[BTSXPVE]+$/], ['frame', /^[ACGT]+$/]]) {
    const file = language(`${id}.tsv`, id, '--records', '30');
    const table = rows(readFileSync(file, 'utf8').split('\n').filter((line) => !line.startsWith(';')).join('\n')).slice(1);
    const back = good(['read', file]).out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
    check(`${id}: the same records`, back.length === 30 && back.every((record, i) => record.id === table[i][0] &&
      record.label === table[i][1] && record.residues === table[i][2] && record.annotation === table[i][3] &&
      letters.test(record.residues)), JSON.stringify(back[0]));
    const fasta = language(`${id}.fasta`, id, '--records', '30', '--fasta');
    const again = good(['read', fasta]).out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
    check(`${id}: and from FASTA`, again.length === 30 && again.every((record, i) =>
      record.residues === table[i][2] && record.label === table[i][1]), JSON.stringify(again[0]));
  }
  // Without the line that says the alphabet it has to be asked for.
  writeFileSync(at('plain.txt'), 'accepted\t10\nrejected\t0110\naccepted\t1010\n');
  const asked = good(['read', at('plain.txt'), '--alphabet', 'bits']).out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  check('--alphabet bits', asked.length === 3 && asked[1].residues === '0110' && asked[1].label === 'rejected', JSON.stringify(asked));
  writeFileSync(at('odd.txt'), '; alphabet=bits\n>a\n0102\n>b\n01\n');
  const odd = run(['read', at('odd.txt')]);
  check('a 2 is no bit: its record is left out, and that is said', odd.out.includes('"b"') && !odd.out.includes('"a"') && odd.err.includes("'2'"), odd.err + odd.out);
});

test('a network learns Tomita 4 and gives its machine back', () => {
  const file = language('t4.tsv', 'tomita4');
  good(['train', file, ...recipe, '--cell', 'gru', '--epochs', '25', '-o', at('t4')]);
  const result = good(['extract', at('t4'), '--language', 'tomita4', '--quiet']);
  check('four states', fact(result.out, 'states') === '4', result.out);
  check('the machine of Tomita 4', fact(result.out, 'the machine of Tomita 4') === 'yes', result.out);
  check('settled', fact(result.out, 'settled') === 'yes' && fact(result.out, 'fidelity') === '1000 of 1000 held-out strings');
  check('class 1 is what is accepted', fact(result.out, 'accepts') === 'class 1');
  check('the machine is printed', result.out.includes('\n# machine\n') && result.out.includes('s3'));
  const clusters = good(['extract', at('t4'), '--method', 'clusters', '--language', 'tomita4', '--quiet']);
  check('from clusters too', fact(clusters.out, 'the machine of Tomita 4') === 'yes' && clusters.out.includes('\tchosen\n'), clusters.out);
  check('DOT', good(['extract', at('t4'), '--empty', 'accepted', '--dot', '--quiet']).out.startsWith('digraph'));
  const other = run(['extract', at('t4'), '--language', 'tomita1', '--quiet']);
  check('not the machine of Tomita 1: exit status 1, and 0 shows it', other.status === 1 &&
    fact(other.out, 'the machine of Tomita 1') === 'no' && fact(other.out, 'differs').startsWith('0, which Tomita 1 rejects'), other.out);
  const turned = good(['extract', at('t4'), '--accept', '0', '--empty', 'rejected', '--quiet']);
  check('the other class: the same machine turned round', fact(turned.out, 'states') === '4', turned.out);
  check('other letters: exit status 1', run(['extract', at('t4'), '--language', 'frame']).status === 1);
  check('no such class: exit status 1', run(['extract', at('t4'), '--accept', 'maybe']).status === 1);
  const few = run(['extract', at('t4'), '--language', 'tomita4', '--max-states', '2', '--quiet']);
  check('too few states: the counterexample is shown', few.status === 1 && fact(few.out, 'settled') === 'no' &&
    fact(few.out, 'counterexample') === '000', few.out);
});

test('a motif in DNA', () => {
  const file = language('acg.tsv', '--pattern', 'ACG');
  good(['train', file, ...recipe, '--cell', 'lstm', '--epochs', '30', '-o', at('acg')]);
  const result = good(['extract', at('acg'), '--pattern', 'ACG', '--quiet']);
  check('the machine of ACG', fact(result.out, 'the machine of ACG') === 'yes' && fact(result.out, 'states') === '4', result.out);
});

test('what has no machine', () => {
  writeFileSync(at('next.fasta'), '>a\nACGTACGTACGT\n>b\nACGTTACGTT\n');
  good(['train', at('next.fasta'), '--task', 'next', '--updates', '2', '--hidden', '2', '-o', at('next'), '--quiet']);
  const result = run(['extract', at('next')]);
  check('the next letter: refused, with what to do', result.status === 1 && result.err.includes('choose a label'), result.err);
});

finish('cli_languages');
