// The ground the end-to-end tests stand on: serves the built page, drives one Chromium at a time, reads the page's
// state from its text mirror, and counts. Waits are for a state, never for a time.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {chromium} from 'playwright-core';
import {serve} from '../../web/dev/serve.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const dist = resolve(process.env.DIST ?? join(root, 'dist'));
export const shots = join(root, 'build/screenshots');
const cliPath = resolve(process.env.RIBOSTEP_CLI ?? join(root, 'build/native/ribostep'));

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
// Software WebGL; no name but this machine's resolves, so a request to anywhere else fails loudly.
const ARGS = [
  '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
];
const PATIENCE = 30_000;  // ms until a state that should come counts as missing; far above what any step takes
const LOOK_EVERY = 25;    // ms between two looks at a state

export const TRAINING = {idle: '0', running: '1', paused: '2', finished: '3'};

export const pause = ms => new Promise(done => setTimeout(done, ms));

/** Looks until `look` gives something truthy, and returns that. */
export async function until(what, look, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`waited ${patience / 1000} s in vain: ${what}`);
    await pause(LOOK_EVERY);
  }
}

/** Runs the native program; {stdout, stderr, status}. */
export async function cli(...args) {
  try {
    const {stdout, stderr} = await promisify(execFile)(cliPath, args, {cwd: root, maxBuffer: 1 << 28});
    return {stdout, stderr, status: 0};
  } catch (error) {
    if (typeof error.code !== 'number') throw error;
    return {stdout: error.stdout, stderr: error.stderr, status: error.code};
  }
}

// ---- the page ------------------------------------------------------------------------------------------------

/** One page of Ribostep in a profile of its own, with everything it complained about or asked the network for. */
export class Ribo {
  constructor(page, site) {
    this.page = page;
    this.frame = page;  // or the frame of `page` that Ribostep lives in
    this.site = site;
    this.complaints = [];
    this.requests = [];
    page.on('console', message => {
      const text = message.text();
      if (message.type() === 'error' || /INVALID_|GL_ERROR|Content.Security.Policy/i.test(text)) {
        this.complaints.push(`console: ${text}`);
      }
    });
    page.on('pageerror', error => this.complaints.push(`page error: ${error.message}`));
    page.on('request', request => this.requests.push(request.url()));
    page.on('crash', () => this.complaints.push('the tab crashed'));
  }

  /** Opens the page, or `where` relative to it, and waits for a traced sequence on screen. */
  async open(where = '') {
    await this.page.goto(new URL(where, this.site).href);
    await this.ready();
    return this;
  }

  async ready() {
    await until('the page is ready', async () => {
      const [ready, trouble] = await this.frame.evaluate(
          () => [document.documentElement.dataset.ready, document.querySelector('#loading-text.problem')?.textContent]);
      if (trouble) throw new Error(trouble);
      return ready;
    });
    await until('a sequence is on screen', async () => Number((await this.state()).length) > 0);
  }

  /** What the mirror says: every data- attribute, the lines of text, the buttons and the table. */
  state() {
    return this.frame.evaluate(() => {
      const text = id => document.getElementById(id)?.textContent ?? '';
      const table = [...document.querySelectorAll('#mirror-table tr')].map(row => [...row.cells].map(cell => cell.textContent));
      const values = [...document.querySelectorAll('#mirror-table tr')].map(row => [...row.cells].map(cell => cell.dataset.value ?? ''));
      const buttons = {};
      for (const button of document.querySelectorAll('#mirror-buttons button')) {
        buttons[button.dataset.verb] = {
          label: button.textContent,
          pressed: button.getAttribute('aria-pressed') === 'true',
          disabled: button.getAttribute('aria-disabled') === 'true',
        };
      }
      return {
        ...document.getElementById('mirror')?.dataset,
        sentence: text('mirror-sentence'), status: text('mirror-status'), summary: text('mirror-summary'),
        trainingText: text('mirror-training'), job: text('mirror-job'),
        caption: document.querySelector('#mirror-table caption')?.textContent ?? '',
        title: document.title, table, values, buttons,
        problem: document.getElementById('problem')?.open ? document.getElementById('problem-report').value : '',
        frames: globalThis.ribostep?.frames ?? 0,
      };
    });
  }

  /** Waits until `wanted(state)` holds; returns that state. A page that broke down ends the wait. */
  async until(what, wanted, patience = PATIENCE) {
    let last = null;
    try {
      return await until(what, async () => {
        last = await this.state();
        if (last.problem) throw new Error(`the page broke down while waiting for "${what}": ${last.problem}`);
        return wanted(last) ? last : null;
      }, patience);
    } catch (error) {
      if (last) {
        const {table, values, buttons, ...lines} = last;
        error.message += `\n      the page said: ${JSON.stringify(lines)}`;
      }
      throw error;
    }
  }

  /** Does `act`, then waits for a status line that was said after it. */
  async says(what, wanted, act, patience = PATIENCE) {
    const before = Number((await this.state()).statusSerial);
    await act();
    return this.until(what, s => Number(s.statusSerial) > before && wanted(s), patience);
  }

  /** Presses a button of the mirror as a keyboard does, then gives the focus back to the canvas. */
  async press(verb) {
    await until(`button ${verb} can be pressed`, () => this.frame.evaluate(
        v => document.querySelector(`#mirror-buttons [data-verb="${v}"]`)?.getAttribute('aria-disabled') === 'false', verb));
    await this.frame.focus(`#mirror-buttons [data-verb="${verb}"]`);
    await this.page.keyboard.press('Enter');
    await this.frame.focus('#canvas');
  }

  /** What has no button: a verb by name, as an embedding page would send it. */
  verb(verb, args = {}) {
    return this.frame.evaluate(head => globalThis.ribostep.send(head), {type: 'verb', verb, ...args});
  }

  /** Puts `text` on the clipboard and pastes it with the keyboard. */
  async paste(text) {
    await this.frame.evaluate(t => navigator.clipboard.writeText(t), text);
    await this.frame.focus('#canvas');
    await this.page.keyboard.press('Control+V');
  }

  clipboard() {
    return this.frame.evaluate(() => navigator.clipboard.readText());
  }

  /** Chooses `files` (paths, or {name, mimeType, buffer}) through the file picker that the page opens. */
  async choose(files) {
    const chooser = this.page.waitForEvent('filechooser');
    await this.press('open');
    await (await chooser).setFiles(files);
  }

  /** Drops a file on the canvas. */
  async drop(name, text) {
    const transfer = await this.frame.evaluateHandle(([n, t]) => {
      const data = new DataTransfer();
      data.items.add(new File([t], n, {type: 'text/plain'}));
      return data;
    }, [name, text]);
    for (const type of ['dragenter', 'dragover', 'drop']) {
      await this.frame.dispatchEvent('#canvas', type, {dataTransfer: transfer});
    }
  }

  /** Copies the share link and returns it. */
  async share() {
    await this.says('the link is copied', s => s.status.startsWith('link copied'), () => this.press('share'));
    return this.clipboard();
  }

  /** Trains until `enough(state)`, then pauses; returns the state after the last update has been seen. */
  async train(enough, patience = PATIENCE) {
    // The text mirror follows the program by a moment: a run that had ended must first be seen to have begun again.
    const before = await this.state();
    await this.press('train');
    await this.until('training begins', s => s.trainingState === TRAINING.running || s.trainingUpdates !== before.trainingUpdates, patience);
    await this.until('training runs long enough', s => enough(s) || s.trainingState === TRAINING.finished, patience);
    if ((await this.state()).trainingState === TRAINING.running) await this.press('train');
    return this.settled();
  }

  /** Not running, no job, and the number of updates stands still. */
  async settled(patience = PATIENCE) {
    let last = '';
    return this.until('training has come to rest', s => {
      const now = `${s.trainingUpdates} ${s.trainingHash} ${s.job}`;
      const still = now === last && s.trainingHash !== '' && s.job === '' && s.trainingState !== TRAINING.running;
      last = now;
      return still;
    }, patience);
  }

  /** h after this step, full precision, per unit. */
  static hidden(state) {
    const column = state.table[0]?.indexOf('h after');
    assert.ok(column > 0, 'the mirror shows a table with "h after"');
    const units = Number(state.modelHidden);
    return state.values.slice(1, 1 + units).map(row => row[column]);
  }

  /** No frame has been drawn for `quiet` ms. */
  async idle(quiet = 700, patience = PATIENCE) {
    let frames = -1, since = Date.now();
    await until('the page draws no more frames', async () => {
      const now = await this.frame.evaluate(() => globalThis.ribostep.frames);
      if (now !== frames) [frames, since] = [now, Date.now()];
      return Date.now() - since > quiet;
    }, patience);
  }

  screenshot(name) {
    mkdirSync(shots, {recursive: true});
    return this.page.screenshot({path: join(shots, name + '.png')});
  }
}

// ---- the runner ----------------------------------------------------------------------------------------------

let browser = null;
let browserArgs = '';

async function browserWith(args) {
  const key = args.join(' ');
  if (browser?.isConnected() && browserArgs === key) return browser;
  await browser?.close();
  browser = await chromium.launch({executablePath: CHROMIUM, args: [...ARGS, ...args]});
  browserArgs = key;
  return browser;
}

/**
 * What a test is given: fresh profiles of one browser and the address of the page. Pages opened here must not
 * complain, or the test fails, unless it says so with `allow`.
 */
export class World {
  constructor(site) {
    this.site = site;
    this.contexts = [];
    this.pages = [];
    this.allowed = [];
  }

  allow(pattern) {
    this.allowed.push(pattern);
  }

  async profile(options = {}, args = []) {
    const made = await (await browserWith(args)).newContext({
      viewport: {width: 1280, height: 800}, colorScheme: 'light', reducedMotion: 'reduce', acceptDownloads: true, ...options,
    });
    await made.grantPermissions(['clipboard-read', 'clipboard-write'], {origin: new URL(this.site).origin});
    await made.addInitScript(() => {
      addEventListener('securitypolicyviolation', e => console.error(`CSP violation: ${e.violatedDirective} ${e.blockedURI}`));
    });
    this.contexts.push(made);
    return made;
  }

  async tab(profile) {
    const ribo = new Ribo(await profile.newPage(), this.site);
    this.pages.push(ribo);
    return ribo;
  }

  /** A page in a new profile, not yet opened. */
  async page(options, args) {
    return this.tab(await this.profile(options, args));
  }

  complaints() {
    return this.pages.flatMap(ribo => ribo.complaints).filter(text => !this.allowed.some(pattern => pattern.test(text)));
  }

  async close() {
    for (const context of this.contexts) await context.close().catch(() => {});
  }
}

const tests = [];

/** Registers a test: `body(world)`. */
export function test(name, body) {
  tests.push({name, body});
}

export async function run(filter) {
  assert.ok(CHROMIUM, 'no Chromium found; apt-get install chromium');
  assert.ok(existsSync(join(dist, 'app.wasm')), `no built page in ${dist}`);
  const {url, close} = await serve(dist, 0);
  const chosen = tests.map((t, i) => ({...t, number: i + 1})).filter(
      t => !filter || (/^\d+$/.test(filter) ? String(t.number) === filter : t.name.includes(filter)));
  console.log(`Chromium ${(await browserWith([])).version()}, Node ${process.version}`);
  let passed = 0, failed = 0;
  for (const {name, body, number} of chosen) {
    const world = new World(url);
    const started = Date.now();
    const took = () => `(${((Date.now() - started) / 1000).toFixed(1)} s)`;
    try {
      await body(world);
      const complaints = world.complaints();
      assert.equal(complaints.length, 0, `the page complained:\n      ${complaints.join('\n      ')}`);
      ++passed;
      console.log(`ok ${number} - ${name} ${took()}`);
    } catch (error) {
      ++failed;
      console.log(`not ok ${number} - ${name} ${took()}\n      ${error.stack ?? error}`);
      for (const complaint of world.complaints()) console.log(`      complaint: ${complaint}`);
      const page = world.pages.at(-1);
      const file = `failed-${number}`;
      const shot = await page?.screenshot(file).then(() => true, () => false);
      if (shot) console.log(`      screenshot: build/screenshots/${file}.png`);
    }
    await world.close();
  }
  await browser?.close();
  await close();
  console.log(`e2e: ${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** The pixels of a PNG with 8 bits per channel, as a screenshot has them. */
export {decode as pixels} from './png.mjs';
export const example = file => readFileSync(join(dist, 'assets/datasets', file), 'utf8');
