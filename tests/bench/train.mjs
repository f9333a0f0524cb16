// @ts-check
// Training steps of Ribostep beside TensorFlow.js in the same browser and PyTorch on the same machine: all engines
// have the same model, and take turns.
import {ribostep, tfjs, torch} from './engines.mjs';
import {median, summary} from './statistics.mjs';

/**
 * @typedef {import('./engines.mjs').Engine} Engine
 * @typedef {import('./engines.mjs').Shape} Shape
 * @typedef {import('./store.mjs').Figure} Figure
 * @typedef {{native: any, torch: any, torchFlushed: any, web: any, tfjs: any, quick: boolean, full: boolean}} Programs
 */

const SIZES = [[16, 57, 32], [64, 200, 32], [128, 200, 64], [32, 2000, 8]];
/** @type {Shape['cell'][]} */
const CELLS = ['lstm', 'gru', 'elman'];
const RECURRENT_FLOPS = {lstm: 24, gru: 18, elman: 6};  // per H*H*B*L, forward and backward
const GATES = {lstm: 4, gru: 3, elman: 1};
const CHAINS = [4, 6, 8, 10, 12, 14];  // of the register loop; the best counts

/** @returns {Shape[]} */
export function shapes() {
  /** @type {Shape[]} */ const out = [];
  for (const cell of CELLS) {
    for (const [hidden, length, batch] of SIZES) out.push({cell, hidden, length, batch, pool: 'last'});
  }
  for (const [hidden, length, batch] of SIZES.slice(1, 3)) out.push({cell: 'lstm', hidden, length, batch, pool: 'mean'});
  return out;
}

/** @param {Shape} shape */
export const shapeName = ({cell, hidden, length, batch, pool}) =>
    `${cell} ${hidden},${length},${batch}${pool === 'mean' ? ' mean' : ''}`;

// How long each engine may train for: rounds, in each as many steps as fill `sample`; who is so slow that this takes
// more than `budget` makes fewer rounds, at least `least`.
const PACE = {rounds: 7, sample: 120, budget: 6000, least: 3, warm: 1200};
const QUICK = {rounds: 2, sample: 20, budget: 300, least: 1, warm: 100};
const SLOW_MS = 1500;  // a step of this length: TensorFlow.js makes `SLOW_LEAST` of them
const SLOW_LEAST = 2;
const SHORT = 100_000;  // H*L*B of a size at which every way of TensorFlow.js is tried

/**
 * Makes the model and trains for a while: first steps allocate, and a browser compiles anew what turns out to be hot.
 * @param {Engine} engine
 * @param {Shape} shape
 * @param {number} warm milliseconds
 */
async function warm(engine, shape, warm) {
  await engine.make(shape);
  let ms = await engine.step(1);
  const inBrowser = /web|tfjs/.test(engine.name);
  for (let spent = ms; ms < SLOW_MS && spent < (inBrowser ? warm : warm / 8);) {
    const n = Math.max(1, Math.round(warm / 10 / ms));
    ms = await engine.step(n);
    spent += n * ms;
  }
  return ms;
}

/**
 * The fastest way in which TensorFlow.js trains this shape: where a step is short every way is tried, elsewhere the
 * one that was fastest here.
 * @param {Programs} programs
 * @param {Shape} shape
 * @returns {Promise<{engine: Engine, tried: string} | null>}
 */
async function fastestTfjs(programs, shape) {
  if (shape.hidden > 64 && !programs.full) return null;
  const short = shape.hidden * shape.length * shape.batch < SHORT;
  let ways = [['wasm', 'layers'], ['wasm', 'hand'], ['wasm-threads', 'layers'], ['cpu', 'layers'], ['cpu', 'hand']];
  if (shape.hidden > 64) ways = ways.slice(0, 3);
  else if (programs.quick || !(short || programs.full)) ways = ways.slice(0, shape.length > 1000 ? 1 : 2);
  const tried = [];
  let best = null, least = Infinity;
  for (const [backend, way] of ways) {
    const engine = tfjs('tfjs', programs.tfjs, backend, way);
    await engine.make(shape);
    let ms = await engine.step(1);
    // The first step prepares; who needs five times as long for it as others in the end is out.
    if (ways.length > 1 && ms < 5 * least) {
      ms = await engine.step(1);
      for (let i = 0; ms < SLOW_MS && i < 4; ++i) ms = Math.min(ms, await engine.step(1));
    }
    tried.push(`${backend} ${way} ${ms < 100 ? ms.toPrecision(3) : ms.toFixed(0)} ms`);
    if (ms < least) [least, best] = [ms, {backend, way}];
    await programs.tfjs.stop();  // its memory never shrinks
  }
  if (!best) return null;
  return {engine: tfjs('tfjs', programs.tfjs, best.backend, best.way), tried: ways.length > 1 ? tried.join(', ') : `${best.backend} ${best.way}`};
}

/** The best of several numbers of chains, in one program. @param {any} program */
async function registerPeak(program) {
  let best = 0;
  for (const chains of CHAINS) best = Math.max(best, Number(await program.ask('register', chains)));
  return best;
}

/**
 * One line: every engine, in turns.
 * @param {Programs} programs
 * @param {Shape} shape
 * @returns {Promise<Figure[]>}
 */
export async function trainLine(programs, shape) {
  const pace = programs.quick ? QUICK : PACE;
  const {native, web} = programs;
  /** @type {Engine[]} */ const engines = [
    ribostep('ribostep web', web), ribostep('ribostep native', native),
    torch('torch 1', programs.torch, 1), torch('torch 2', programs.torch, 2),
    torch('torch flushed 1', programs.torchFlushed, 1), torch('torch flushed 2', programs.torchFlushed, 2),
  ];
  const other = await fastestTfjs(programs, shape);
  if (other) engines.push(other.engine);

  /** @type {Map<string, {engine: Engine, ms: number, spent: number, samples: number[]}>} */
  const lanes = new Map();
  for (const engine of engines) {
    lanes.set(engine.name, {engine, ms: await warm(engine, shape, pace.warm), spent: 0, samples: []});
  }
  /** @type {Record<string, number[]>} */ const peaks = {web: [], native: []};
  for (let round = 0; round < pace.rounds; ++round) {
    for (const lane of lanes.values()) {
      const least = lane.engine.name === 'tfjs' && lane.ms > SLOW_MS ? Math.min(SLOW_LEAST, pace.least) : pace.least;
      if (lane.samples.length >= least && lane.spent >= pace.budget) continue;
      const n = Math.max(1, Math.round(pace.sample / lane.ms));
      if (lane.ms < pace.sample / 4) await lane.engine.step(1);  // others had the caches
      const ms = await lane.engine.step(n);
      lane.samples.push(ms);
      lane.spent += ms * n;
    }
    if (round % 4 === 0) {
      peaks.web.push(await registerPeak(web));
      peaks.native.push(await registerPeak(native));
    }
  }
  for (const program of [native, web, programs.torch, programs.torchFlushed]) await program.ask('drop');
  if (other) await programs.tfjs.stop();
  return figures(shape, lanes, peaks, other?.tried, [
    await productRate(web, shape), await productRate(native, shape),
  ]);
}

/** The recurrent product of a step of the cell, by itself. @param {any} program @param {Shape} shape */
async function productRate(program, {cell, hidden, batch}) {
  const runs = [];
  for (let i = 0; i < 3; ++i) runs.push(Number(await program.ask('gemm', batch, hidden, GATES[cell] * hidden)));
  return median(runs);
}

/**
 * @param {Shape} shape
 * @param {Map<string, {samples: number[]}>} lanes
 * @param {Record<string, number[]>} peaks
 * @param {string | undefined} tried
 * @param {number[]} products
 * @returns {Figure[]}
 */
function figures(shape, lanes, peaks, tried, products) {
  /** @type {Figure[]} */ const out = [];
  /** @type {Record<string, number>} */ const medians = {};
  for (const [name, {samples}] of lanes) {
    const spread = summary(samples);
    medians[name] = spread.median;
    out.push({what: name, value: spread.median, unit: 'ms', spread, ...(name === 'tfjs' ? {note: tried} : {})});
  }
  const {cell, hidden, length, batch} = shape;
  const flops = RECURRENT_FLOPS[cell] * hidden * hidden * batch * length;
  ['web', 'native'].forEach((where, i) => {
    const rate = flops / medians[`ribostep ${where}`] * 1e-6, peak = Math.max(...peaks[where]);
    out.push({what: `gflops ${where}`, value: rate, unit: 'GFLOP/s'});
    out.push({what: `loop ${where}`, value: peak, unit: 'GFLOP/s'});
    out.push({what: `of loop ${where}`, value: 100 * rate / peak, unit: '%'});
    out.push({what: `product ${where}`, value: products[i], unit: 'GFLOP/s'});
  });
  const own = medians['ribostep web'];
  out.push({what: 'web / native', value: own / medians['ribostep native'], unit: 'x'});
  for (const name of ['tfjs', 'torch 1', 'torch 2', 'torch flushed 1', 'torch flushed 2']) {
    if (name in medians) out.push({what: `${name} / web`, value: medians[name] / own, unit: 'x'});
  }
  return out;
}
