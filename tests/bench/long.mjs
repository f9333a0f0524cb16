// @ts-check
// 50,000 positions: a training step over one sequence with full back-propagation through time, the trace that the
// stepper walks on, and a condition over that. Each in a fresh program, so that its memory is its own.
import {summary} from './statistics.mjs';

/** @typedef {import('./store.mjs').Figure} Figure */
/** @typedef {{ask: (...words: (string | number)[]) => Promise<any>}} Program */
/** @typedef {{where: 'web' | 'native', start: () => Program, end: (program: Program) => unknown}} Place */

const LENGTH = 50_000, HIDDEN = 32, CONDITION_HIDDEN = 64;
const MEGABYTE = 1e6;

/** @param {Place[]} places @param {boolean} quick @returns {Promise<Figure[]>} */
export async function longLine(places, quick) {
  /** @type {Figure[]} */ const out = [];
  const open = [];
  for (const place of places) {
    const program = place.start();
    const before = Number(await program.ask('memory'));
    await program.ask('long', LENGTH, HIDDEN);
    await program.ask('long_step', 1);
    open.push({place, program, before, times: /** @type {number[]} */ ([])});
  }
  for (let i = 0; i < (quick ? 1 : 7); ++i) {
    for (const {program, times} of open) times.push(Number(await program.ask('long_step', 1)));
  }
  for (const {place, program, before, times} of open) {
    const spread = summary(times), memory = Number(await program.ask('memory'));
    out.push({what: `bptt 50,000 ${place.where}`, value: spread.median, unit: 'ms', spread});
    out.push({
      what: `bptt memory ${place.where}`, value: memory / MEGABYTE, unit: 'MB', note: `${(before / MEGABYTE).toFixed(0)} MB before`,
    });
    place.end(program);
  }
  return out;
}

/** @param {Place[]} places @param {boolean} quick @returns {Promise<Figure[]>} */
export async function traceLine(places, quick) {
  /** @type {Figure[]} */ const out = [];
  for (const place of places) {
    const program = place.start();
    const times = [];
    let bytes = 0;
    for (let i = 0; i < (quick ? 2 : 8); ++i) {
      const [ms, size] = String(await program.ask('trace', LENGTH, HIDDEN)).split(' ').map(Number);
      if (i > 0) times.push(ms);
      bytes = size;
    }
    const spread = summary(times), memory = Number(await program.ask('memory'));
    out.push({what: `trace 50,000 ${place.where}`, value: spread.median, unit: 'ms', spread});
    out.push({
      what: `trace bytes ${place.where}`, value: bytes / MEGABYTE, unit: 'MB', note: `most memory ${(memory / MEGABYTE).toFixed(0)} MB`,
    });
    await place.end(program);
  }
  return out;
}

/** A condition over all positions, and what is computed for it. @param {Place[]} places @returns {Promise<Figure[]>} */
export async function conditionLine(places) {
  /** @type {Figure[]} */ const out = [];
  for (const place of places) {
    const program = place.start(), times = [];
    for (let i = 0; i < 5; ++i) times.push(Number(await program.ask('condition', LENGTH, CONDITION_HIDDEN)));
    const spread = summary(times);
    out.push({what: `condition 50,000 ${place.where}`, value: spread.median, unit: 'ms', spread});
    await place.end(program);
  }
  return out;
}
