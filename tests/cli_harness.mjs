// What the tests of the command line share: a folder of their own, the program run as a person runs it, and the totals.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
export const cli = process.env.RIBOSTEP_CLI ?? process.argv[2];
export const assets = join(here, '..', 'assets');
export const folder = mkdtempSync(join(tmpdir(), 'ribostep-cli-'));
export const at = (name) => join(folder, name);

let passed = 0;
let failed = 0;
export function check(what, good, detail = '') {
  if (good) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`FAILED: ${what}${detail === '' ? '' : `\n  ${String(detail).slice(0, 1000)}`}`);
}
export function test(name, body) {
  try {
    body();
  } catch (error) {
    check(name, false, error.stack);
  }
}

// {status, out, err}
export function run(words, input = '') {
  const result = spawnSync(cli, words, { input, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, RIBOSTEP_ASSETS: assets } });
  return { status: result.status, out: result.stdout, err: result.stderr };
}
export function good(words, input) {
  const result = run(words, input);
  check(`exit status 0: ${words.join(' ').slice(0, 200)}`, result.status === 0, `${result.status} ${result.err}`);
  return result;
}

// Cleans up, prints "NAME: N passed, N failed" and ends the program.
export function finish(name) {
  rmSync(folder, { recursive: true, force: true });
  console.log(`${name}: ${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
