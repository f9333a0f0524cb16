// @ts-check
// Finished lines, one file each, so that a bench that was broken off goes on where it stopped. A line counts for the
// program and the machine it was measured with.
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {cpus, totalmem} from 'node:os';
import {pause} from '../e2e/harness.mjs';
import {join} from 'node:path';

/**
 * @typedef {{what: string, value: number, unit: string, spread?: import('./statistics.mjs').Summary, note?: string}} Figure
 * @typedef {{id: string, commit: string, program: string, machine: string, date: string, seconds: number, busy: number, quick: boolean,
 *   full: boolean, versions: Record<string, string>, figures: Figure[]}} Line
 */

/** @param {string} root @param {string[]} words */
const git = (root, words) => execFileSync('git', words, {cwd: root, stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28});

// What decides the numbers: a commit that changes only words leaves finished lines finished.
const PROGRAM = ['src', 'web', 'assets', 'tests/bench', 'CMakeLists.txt', 'build_wasm.sh', 'package-lock.json',
  ':!tests/bench/report.mjs', ':!tests/bench/run.mjs', ':!tests/bench/targets.mjs'];

/** The commit, and the content of the program with what was changed since. @param {string} root */
export function state(root) {
  try {
    const changes = git(root, ['diff', 'HEAD', '--', ...PROGRAM]);
    const files = git(root, ['ls-tree', '-r', 'HEAD', '--', ...PROGRAM.filter(path => !path.startsWith(':'))]).toString();
    const kept = files.split('\n').filter(line => !PROGRAM.some(path => path.startsWith(':!') && line.endsWith('\t' + path.slice(2))));
    return {
      commit: git(root, ['rev-parse', '--short=12', 'HEAD']).toString().trim() + (changes.length ? ' and changes' : ''),
      program: createHash('sha256').update(kept.join('\n')).update(changes).digest('hex').slice(0, 16),
    };
  } catch {
    return {commit: 'unknown', program: 'unknown'};  // an archive without a history
  }
}

export const machine = () => `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`;

const LOOK_MS = 500;

/** How busy others keep the machine, in % of all cores: asked while the bench does nothing. */
export async function busy() {
  const times = () => cpus().reduce((sum, {times: {user, nice, sys, idle, irq}}) => {
    const used = user + nice + sys + irq;
    return {used: sum.used + used, all: sum.all + used + idle};
  }, {used: 0, all: 0});
  const before = times();
  await pause(LOOK_MS);
  const after = times();
  return 100 * (after.used - before.used) / Math.max(1, after.all - before.all);
}

export class Store {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
    mkdirSync(folder, {recursive: true});
  }

  /** @param {string} id */
  path(id) {
    return join(this.folder, id.replace(/[^a-z0-9]+/gi, '-') + '.json');
  }

  /** @param {string} id @returns {Line | null} */
  read(id) {
    try {
      return JSON.parse(readFileSync(this.path(id), 'utf8'));
    } catch {
      return null;
    }
  }

  /** @param {Line} line */
  write(line) {
    writeFileSync(this.path(line.id), JSON.stringify(line, null, 1) + '\n');
  }
}
