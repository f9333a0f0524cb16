// @ts-check
// Training as the page does it: the built page in Chromium, its worker and the helpers that one asks, and what they
// tell the page. Nothing is drawn: the tab says it is hidden, and a hidden tab draws nothing.
import {serve} from '../../web/dev/serve.mjs';
import {dist, pause, Ribo, until} from '../e2e/harness.mjs';
import {dice, letters} from '../e2e/specimens.mjs';
import {launch} from './browser.mjs';
import {summary} from './statistics.mjs';

/**
 * @typedef {import('./engines.mjs').Shape} Shape
 * @typedef {import('./store.mjs').Figure} Figure
 * @typedef {{at: number, updates: number, workers: number, busy: boolean}} Snapshot
 */

const UPDATES = 300;  // in an epoch, so that what is done at its end does not count for much
const PACE = {seconds: 1.4, intervals: 4, rounds: 2};
const QUICK = {seconds: 0.6, intervals: 2, rounds: 1};
const PATIENCE = 120_000;
const LOOK_EVERY = 100;  // ms; looking costs the page time

// Runs in the page before its own scripts: keeps what workers say about training, and can hide the page.
function tap() {
  const scope = /** @type {any} */ (globalThis);
  /** @type {Snapshot[]} */ const snapshots = [];
  let hidden = false;
  Object.defineProperty(Document.prototype, 'hidden', {get: () => hidden});
  scope.Worker = class extends Worker {
    /** @param {any} url @param {any} words */
    constructor(url, words) {
      super(url, words);
      this.addEventListener('message', event => {
        if (!(event.data instanceof ArrayBuffer)) return;
        const length = new DataView(event.data).getUint32(0, true);
        const head = JSON.parse(new TextDecoder().decode(new Uint8Array(event.data, 4, length)));
        if (head.type !== 'snapshot') return;
        snapshots.push({at: performance.now(), updates: head.updates, workers: head.workers ?? 1, busy: head.busy});
      });
    }
  };
  scope.benchTap = {snapshots, hide: () => { hidden = true; }};
}

/** Labelled FASTA as the page reads it. @param {Shape} shape */
function records({length, batch}) {
  const roll = dice(11), parts = [];
  const pool = letters(length * 64 + 4096, roll);  // drawing five million letters anew takes longer than training
  for (let i = 0; i < UPDATES * batch; ++i) {
    const at = roll(pool.length - length);
    parts.push(`>r${i} label=${i % 2 ? 'a' : 'b'}\n${pool.slice(at, at + length)}\n`);
  }
  return parts.join('');
}

/** A browser with the built page in it. */
export async function openApp() {
  const site = await serve(dist, 0);
  const browser = await launch();
  return {
    /** A page in a profile of its own. @param {(() => void)[]} scripts */
    async page(...scripts) {
      const context = await browser.newContext({viewport: {width: 1280, height: 800}, colorScheme: 'light', reducedMotion: 'reduce'});
      for (const script of scripts) await context.addInitScript(script);
      const ribo = new Ribo(await context.newPage(), site.url);
      return {ribo, close: () => context.close()};
    },
    browser,
    url: site.url,
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

/** @param {any} ribo @param {string} text @param {number} count */
export async function give(ribo, text, count) {
  await ribo.page.evaluate((/** @type {string} */ fasta) => /** @type {any} */ (globalThis).ribostep.send(
      {type: 'text', source: 'file', name: 'bench.fa'}, new TextEncoder().encode(fasta)), text);
  await ribo.until(`${count} records`, (/** @type {any} */ s) => s.records === String(count), PATIENCE);
}

/**
 * @param {{page: (...scripts: (() => void)[]) => Promise<{ribo: any, close: () => Promise<void>}>}} app
 * @param {Shape} shape
 * @param {boolean} quick
 * @returns {Promise<Figure[]>}
 */
export async function productLine(app, shape, quick) {
  const pace = quick ? QUICK : PACE;
  const {ribo, close} = await app.page(tap);
  await ribo.open();
  await give(ribo, records(shape), UPDATES * shape.batch);
  const {cell, hidden, pool, batch} = shape;
  await ribo.verb('set_model', {cell, hidden, pool});
  await ribo.verb('set_train', {
    batch_size: batch, optimiser: 'adam', learning_rate: 1e-3, clip_norm: 0, validation_fraction: 0, max_epochs: 10000,
  });
  await ribo.until('the model', (/** @type {any} */ s) => s.modelHidden === String(hidden) && s.modelCell === cell);
  await ribo.page.evaluate(() => /** @type {any} */ (globalThis).benchTap.hide());

  if (!quick) await stretch(ribo, 1, pace, true);  // a browser compiles anew what turns out to be hot
  /** @type {Map<number, number[]>} */ const times = new Map([[1, []], [2, []]]);
  for (let round = 0; round < pace.rounds; ++round) {
    for (const [count, list] of times) {
      const measured = await stretch(ribo, count, pace, round === 0);
      if (measured.length) list.push(...measured);
      else if (!list.length) times.delete(count);
    }
  }
  await close();
  if (!times.has(1)) throw new Error('the page did not train for long enough');

  /** @type {Figure[]} */ const out = [];
  for (const [count, list] of times) {
    const spread = summary(list);
    out.push({what: `page, ${count} worker${count > 1 ? 's' : ''}`, value: spread.median, unit: 'ms', spread});
  }
  if (times.has(2)) out.push({what: '2 workers / 1', value: out[0].value / out[1].value, unit: 'x'});
  return out;
}

/**
 * Trains for a while with `count` workers; milliseconds per update between one snapshot and the next. None where the
 * page trains with another number of workers: helpers are let go when others keep the machine busy.
 * @param {any} ribo
 * @param {number} count
 * @param {{seconds: number, intervals: number}} pace
 * @param {boolean} first
 * @returns {Promise<number[]>}
 */
async function stretch(ribo, count, pace, first) {
  /** @returns {Promise<Snapshot[]>} */
  const heard = () => ribo.page.evaluate(() => /** @type {any} */ (globalThis).benchTap.snapshots);
  await ribo.verb('workers', {count});
  const begin = (await heard()).length;
  await ribo.verb('train');
  await until('training begins', async () => (await heard()).slice(begin).some(s => s.updates > 0), first ? PATIENCE : PATIENCE / 4);
  const wanted = (/** @type {Snapshot} */ s) => s.updates > 0 && s.busy && s.workers === count;
  /** @type {number[]} */ let times = [];
  const end = Date.now() + 1000 * (pace.seconds * 3 + 6);
  for (;;) {
    const seen = (await heard()).slice(begin);
    const from = seen.findIndex(wanted) + 1;  // caches fill until the second
    times = [];
    let total = 0;
    for (let i = from + 1; i < seen.length; ++i) {
      const updates = seen[i].updates - seen[i - 1].updates, ms = seen[i].at - seen[i - 1].at;
      if (!wanted(seen[i]) || !wanted(seen[i - 1]) || updates < 1) continue;
      times.push(ms / updates);
      total += ms;
    }
    if ((times.length >= pace.intervals && total > 1000 * pace.seconds) || Date.now() > end) break;
    await pause(LOOK_EVERY);
  }
  await ribo.verb('train');
  await until('training pauses', async () => (await heard()).at(-1)?.busy === false, PATIENCE);
  return times;
}
