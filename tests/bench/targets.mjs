// @ts-check
// What Ribostep wants to reach, figure by figure. A target is judged where it was measured; other machines have other
// ratios.

/** @typedef {{limit: number, atLeast: boolean}} Target */

/** By cell, in the order of SIZES. @type {Record<string, Record<string, number[]>>} */
const AT_LEAST = {
  'tfjs / web': {lstm: [120, 60, 45, 100], gru: [60, 40, 25, 80], elman: [15, 15, 15, 15]},
  'torch 1 / web': {lstm: [12, 5, 4, 12], gru: [1, 1, 1, 1], elman: [1, 1, 1, 1]},
  'torch flushed 1 / web': {lstm: [1, 1, 0.6, 1]},
  'of loop web': {lstm: [55, 55, 55, 55]},
};
const SIZES = ['16,57,32', '64,200,32', '128,200,64', '32,2000,8'];
/** @type {Record<string, number>} */
const MEAN_POOLED = {'64,200,32': 25, '128,200,64': 12};  // TensorFlow.js over Ribostep, LSTM

/** @type {Record<string, number>} */
const AT_MOST = {
  'bptt 50,000 web': 1000, 'bptt memory web': 250, 'condition 50,000 web': 5,
  'frame p95 1,000': 6, 'frame p95 50,000': 6, 'pan 50,000 x 64 p95': 6, 'idle tab': 1,
  'first visit brotli': 1200, 'interactive cold': 1500,
};

/** @param {string} id of a line @param {string} what @returns {Target | null} */
export function targetOf(id, what) {
  if (what in AT_MOST) return {limit: AT_MOST[what], atLeast: false};
  const [group, cell, size, pool] = id.split(' ');
  if (group === 'workers' && what === '2 workers / 1' && (size === SIZES[1] || size === SIZES[2])) return {limit: 1.7, atLeast: true};
  if (group !== 'train') return null;
  if (what === 'web / native') return {limit: 1.3, atLeast: false};
  if (pool) return what === 'tfjs / web' && size in MEAN_POOLED ? {limit: MEAN_POOLED[size], atLeast: true} : null;
  const limit = AT_LEAST[what]?.[cell]?.[SIZES.indexOf(size)];
  return limit === undefined ? null : {limit, atLeast: true};
}

/** How far it is: 1 and more is met. @param {Target} target @param {number} value */
export const reached = (target, value) => (target.atLeast ? value / target.limit : target.limit / value);
