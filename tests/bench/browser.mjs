// @ts-check
// One Chromium, and in it the bench page or the built page of Ribostep.
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {chromium} from 'playwright-core';
import {root} from '../e2e/harness.mjs';
import {serveFolders} from './serve.mjs';

const PATH = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
// As in the end-to-end tests: software WebGL, and no name but this machine's resolves.
const ARGS = [
  '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
];

/** @param {string[]} [more] */
export function launch(more = []) {
  if (!PATH) throw new Error('no Chromium found; apt-get install chromium');
  return chromium.launch({executablePath: PATH, args: [...ARGS, ...more]});
}

/** @param {string} web build folder of the WebAssembly */
export async function benchPage(web) {
  const site = await serveFolders({'/': join(root, 'tests/bench/page'), '/npm/': join(root, 'node_modules'), '/build/': web});
  const browser = await launch();
  const page = await browser.newPage();
  page.on('pageerror', error => console.error(`bench page: ${error.message}`));
  await page.goto(site.url);
  await page.waitForFunction(() => 'bench' in globalThis);
  return {
    page,
    version: browser.version(),
    async close() {
      await browser.close();
      await site.close();
    },
  };
}
