// @ts-check
// What many runs of one thing come to.

/** @typedef {{median: number, min: number, low: number, high: number, n: number}} Summary  low, high: quartiles */

/** @param {number[]} sorted @param {number} share */
function quantile(sorted, share) {
  const at = (sorted.length - 1) * share, below = Math.floor(at);
  return sorted[below] + (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]) * (at - below);
}

/** @param {number[]} values @param {number} share 0..1 */
export const percentile = (values, share) => quantile([...values].sort((a, b) => a - b), share);

/** @param {number[]} values @returns {number} */
export const median = values => percentile(values, 0.5);

/** @param {number[]} values @returns {Summary} */
export function summary(values) {
  if (!values.length) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5), min: sorted[0], low: quantile(sorted, 0.25), high: quantile(sorted, 0.75), n: sorted.length,
  };
}
