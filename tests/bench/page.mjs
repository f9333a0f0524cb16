// @ts-check
// The page as somebody has it open: what a frame costs while it trains, what it costs to leave it open, how much comes
// over the network, and how long it takes until there is something to work with.
import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import {pause, until} from '../e2e/harness.mjs';
import {dice, letters} from '../e2e/specimens.mjs';
import {give, openApp} from './product.mjs';
import {percentile, summary} from './statistics.mjs';

/** @typedef {import('./store.mjs').Figure} Figure */

const FRAMES_VIEW = {width: 1280, height: 1100};  // every track has room
const TITLE_X = 420, TITLE_STEP = 9;              // where groups of tracks have their titles
const PAN = {x: 700, y: 420, zooms: 12, step: 15};  // 1.2 to the 12th is about nine times
const TRACED = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];
const PATIENCE = 120_000;

// Scripts that run in the page before its own.
/** Keeps what a worker was asked for. */
function watch() {
  const scope = /** @type {any} */ (globalThis);
  scope.benchAsked = new Set();
  scope.Worker = class extends Worker {
    /** @param {any} message @param {any} [transfer] */
    postMessage(message, transfer) {
      if (message instanceof ArrayBuffer) {
        const inner = 4 + new DataView(message).getUint32(0, true);
        if (message.byteLength > inner + 4) {
          const length = new DataView(message).getUint32(inner, true);
          scope.benchAsked.add(JSON.parse(new TextDecoder().decode(new Uint8Array(message, inner + 4, length))).type);
        }
      }
      super.postMessage(message, transfer);
    }
  };
}

/** When the page was ready with a sequence on it, and with which weights when; milliseconds after navigation. */
function stopwatch() {
  const scope = /** @type {any} */ (globalThis);
  scope.benchTimes = {};
  const look = () => {
    const mirror = document.getElementById('mirror')?.dataset;
    if (!document.documentElement.dataset.ready || !(Number(mirror?.length) > 0)) return;
    for (const event of ['ready', mirror?.trainingHash || 'untrained']) scope.benchTimes[event] ??= performance.now();
  };
  new MutationObserver(look).observe(document, {attributes: true, childList: true, subtree: true});
}

/** Unfolds the gradients, the one group that is folded at first: the lowest title, so it is looked for from below. @param {any} ribo */
async function openAllTracks(ribo) {
  const asked = () => ribo.page.evaluate(() => /** @type {any} */ (globalThis).benchAsked.has('sensitivity'));
  for (let y = FRAMES_VIEW.height * 0.72; y > 200; y -= TITLE_STEP) {
    await ribo.page.mouse.move(TITLE_X, y);
    await ribo.page.mouse.down();
    await ribo.page.mouse.up();
    for (let i = 0; i < 6; ++i) {
      if (await asked()) return true;
      await pause(30);
    }
  }
  return false;
}

/** @param {number} length @param {boolean} quick @returns {Promise<Figure[]>} */
export async function framesLine(length, quick) {
  const app = await openApp();
  const {ribo} = await app.page(watch);
  await ribo.page.setViewportSize(FRAMES_VIEW);
  await ribo.open();
  const roll = dice(5), count = length > 10_000 ? 4 : 8;
  let text = '';
  for (let i = 0; i < count; ++i) text += `>r${i} label=${i % 2 ? 'a' : 'b'}\n${letters(length, roll)}\n`;
  await give(ribo, text, count);
  await ribo.verb('set_model', {cell: 'lstm', hidden: 16, pool: 'mean'});
  await ribo.verb('set_train', {batch_size: length > 10_000 ? 1 : 4, validation_fraction: 0, max_epochs: 10000});
  await ribo.verb('go_to', {position: 12});
  await ribo.until('the model', (/** @type {any} */ s) => s.modelHidden === '16' && s.length === String(length));
  await ribo.idle(500, PATIENCE);
  const all = await openAllTracks(ribo);
  await ribo.verb('train');
  await ribo.until('training', (/** @type {any} */ s) => Number(s.trainingUpdates) > 2, PATIENCE);
  await app.browser.startTracing(ribo.page, {categories: TRACED});
  await pause(quick ? 4000 : 20_000);
  const {frames, tasks} = mainThread(await app.browser.stopTracing());
  await app.close();
  if (frames.length < 5) throw new Error(`only ${frames.length} frames were drawn`);
  const cpu = frames.map(frame => frame.cpu), wall = frames.map(frame => frame.wall);
  const spread = summary(cpu), name = length.toLocaleString('en');
  const [longest] = tasks.sort((a, b) => b.cpu - a.cpu);
  return [
    {what: `frame p50 ${name}`, value: spread.median, unit: 'ms', spread, note: all ? '' : 'the gradients could not be unfolded'},
    {what: `frame p95 ${name}`, value: percentile(cpu, 0.95), unit: 'ms', note: `of ${spread.n} frames; on the clock ${percentile(wall, 0.95).toFixed(1)}`},
    {what: `longest task ${name}`, value: longest.cpu, unit: 'ms', note: `on the clock ${longest.wall.toFixed(1)}`},
  ];
}

/**
 * Panning along a long sequence that is zoomed in eight times, there and back, a small step with every frame: as a
 * hand on a touch pad does. @param {number} length @param {number} units @param {boolean} quick @returns {Promise<Figure[]>}
 */
export async function panLine(length, units, quick) {
  const app = await openApp();
  const {ribo} = await app.page();
  await ribo.page.setViewportSize(FRAMES_VIEW);
  await ribo.open();
  const roll = dice(5);
  await give(ribo, `>a label=x\n${letters(length, roll)}\n>b label=y\n${letters(1000, roll)}\n`, 2);
  await ribo.verb('set_model', {cell: 'lstm', hidden: units});
  await ribo.until('the model', (/** @type {any} */ s) => s.modelHidden === String(units) && s.length === String(length));
  await ribo.idle(1000, PATIENCE);
  const {page} = ribo;
  await page.mouse.move(PAN.x, PAN.y);
  for (let i = 0; i < PAN.zooms; ++i) {
    await page.mouse.wheel(0, -100);
    await pause(60);
  }
  await page.mouse.wheel(-20_000, 0);  // to the start
  await ribo.idle(1500, PATIENCE);     // every level of detail is there
  await app.browser.startTracing(page, {categories: TRACED});
  const steps = quick ? 120 : 400;
  for (let i = 0; i < 2 * steps; ++i) {
    await page.mouse.wheel(i < steps ? PAN.step : -PAN.step, 0);
    await pause(16);
  }
  const {frames, tasks} = mainThread(await app.browser.stopTracing());
  await app.close();
  if (frames.length < steps / 2) throw new Error(`only ${frames.length} frames were drawn`);
  const cpu = frames.map(frame => frame.cpu), spread = summary(cpu), name = `${length.toLocaleString('en')} x ${units}`;
  const [longest] = tasks.sort((a, b) => b.cpu - a.cpu);
  return [
    {what: `pan ${name} p50`, value: spread.median, unit: 'ms', spread, note: `${2 * steps} steps`},
    {what: `pan ${name} p95`, value: percentile(cpu, 0.95), unit: 'ms', note: `of ${spread.n} frames; the slowest ${Math.max(...cpu).toFixed(1)}`},
    {what: `pan ${name} longest task`, value: longest.cpu, unit: 'ms', note: `on the clock ${longest.wall.toFixed(1)}`},
  ];
}

/**
 * Animation frames and tasks of the page's main thread: processor time and time on the clock, in milliseconds. The
 * clock runs on while the graphics, in software, and the training have the cores.
 * @param {Buffer} trace
 */
function mainThread(trace) {
  /** @type {{name: string, pid: number, tid: number, dur: number, tdur: number}[]} */
  const events = JSON.parse(trace.toString()).traceEvents.filter((/** @type {any} */ one) => one.tdur !== undefined);
  const first = events.find(one => one.name === 'FireAnimationFrame');
  const named = (/** @type {string} */ name) =>
      events.filter(one => one.name === name && one.pid === first?.pid && one.tid === first?.tid)
          .map(one => ({cpu: one.tdur / 1000, wall: one.dur / 1000}));
  return {frames: named('FireAnimationFrame'), tasks: named('RunTask')};
}

/** Processor time of all of a browser's processes, in seconds. @param {import('playwright-core').Browser} browser */
async function processorSeconds(browser) {
  const session = await browser.newBrowserCDPSession();
  const {processInfo} = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, one) => sum + one.cpuTime, 0);
}

/** @param {boolean} quick @returns {Promise<Figure[]>} */
export async function idleLine(quick) {
  const seconds = quick ? 3 : 20;
  const app = await openApp();
  const {browser} = app;
  const share = async () => {
    const before = await processorSeconds(browser), began = Date.now();
    await pause(1000 * seconds);
    return 100 * 1000 * (await processorSeconds(browser) - before) / (Date.now() - began);
  };
  const blank = await browser.newPage();
  await blank.goto('about:blank');
  await pause(1500);
  const empty = await share();
  await blank.close();
  const {ribo} = await app.page();
  await ribo.open();
  await ribo.until('everything is done', (/** @type {any} */ s) => !s.job && s.trainingHash);
  await ribo.idle(2500, PATIENCE);
  const value = await share();
  await app.close();
  return [{what: 'idle tab', value, unit: '% of a core', note: `all processes, ${seconds} s; an empty tab: ${empty.toFixed(2)}`}];
}

/** @returns {Promise<Figure[]>} */
export async function sizeLine() {
  const app = await openApp();
  const {ribo} = await app.page();
  /** @type {Map<string, Promise<Buffer>>} */ const bodies = new Map();
  ribo.page.context().on('response', (/** @type {import('playwright-core').Response} */ response) => {
    const path = new URL(response.url()).pathname.slice(1) || 'index.html';
    if (response.url().startsWith(app.url) && !bodies.has(path)) bodies.set(path, response.body());
  });
  await ribo.open();
  await ribo.until('everything is done', (/** @type {any} */ s) => !s.job && s.trainingHash);
  await ribo.idle(700, PATIENCE);
  /** @type {{path: string, plain: number, gzip: number, brotli: number}[]} */ const rows = [];
  for (const [path, body] of bodies) {
    const bytes = await body;
    rows.push({
      path, plain: bytes.length, gzip: gzipSync(bytes, {level: 9}).length,
      brotli: brotliCompressSync(bytes, {params: {[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length}}).length,  // quality 11
    });
  }
  await app.close();
  rows.sort((a, b) => b.brotli - a.brotli);
  /** @param {'plain' | 'gzip' | 'brotli'} how */
  const total = how => rows.reduce((sum, row) => sum + row[how], 0) / 1000;
  const kb = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);
  return [
    {what: 'first visit brotli', value: total('brotli'), unit: 'kB', note: `${rows.length} files, ${total('plain').toFixed(0)} kB uncompressed`},
    {what: 'first visit gzip', value: total('gzip'), unit: 'kB'},
    ...rows.map(row => ({what: `file ${row.path}`, value: row.brotli / 1000, unit: 'kB', note: `gzip ${kb(row.gzip)}, plain ${kb(row.plain)}`})),
  ];
}

/** @param {boolean} quick @returns {Promise<Figure[]>} */
export async function startLine(quick) {
  /** @type {Record<string, number[]>} */ const times = {cold: [], warm: []};
  for (let i = 0; i < (quick ? 1 : 5); ++i) {
    const app = await openApp();  // a browser that has seen nothing
    const {ribo} = await app.page(stopwatch);
    for (const kind of ['cold', 'warm']) {
      if (kind === 'cold') await ribo.open();
      else await ribo.page.reload();
      await ribo.ready();
      times[kind].push(await until('the stopwatch', () => ribo.page.evaluate(() => /** @type {any} */ (globalThis).benchTimes.ready)));
      await ribo.idle(500, PATIENCE);
    }
    await app.close();
  }
  return ['cold', 'warm'].map(kind => {
    const spread = summary(times[kind]);
    return {what: `interactive ${kind}`, value: spread.median, unit: 'ms', spread};
  });
}

/** A link as somebody shares it who has trained a while: the data are an example's, the weights come from a recipe. @param {any} ribo */
async function shared(ribo) {
  await ribo.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await ribo.open();
  await ribo.verb('set_seed', {seed: 7});
  await ribo.train(() => false);  // all its epochs
  const {trainingHash, trainingUpdates} = await ribo.until('the last update', (/** @type {any} */ s) => s.trainingHash && !s.job);
  return {link: await ribo.share(), hash: trainingHash, updates: trainingUpdates};
}

/** @param {boolean} quick @returns {Promise<Figure[]>} */
export async function linkLine(quick) {
  const app = await openApp();
  const first = await app.page();
  const {link, hash, updates} = await shared(first.ribo);
  await first.close();
  const times = [];
  for (let i = 0; i < (quick ? 1 : 5); ++i) {
    const {ribo, close} = await app.page(stopwatch);
    await ribo.open(new URL(link).hash);
    times.push(await until('the trained weights', () => ribo.page.evaluate(
        (/** @type {string} */ wanted) => /** @type {any} */ (globalThis).benchTimes[wanted], hash), PATIENCE));
    await close();
  }
  await app.close();
  const spread = summary(times);
  return [{what: 'share link', value: spread.median, unit: 'ms', spread, note: `${link.length} characters, ${updates} updates`}];
}
