// @ts-check
/// <reference path="tfjs.d.ts" />
// The bench's models in TensorFlow.js, in the two ways in which it can train them: its layers, and a step written by
// hand over its operations. Same cells, start, loss and optimiser as everybody else's.

/**
 * @typedef {{cell: 'elman' | 'gru' | 'lstm', hidden: number, length: number, batch: number, pool: 'last' | 'mean'}} Shape
 * @typedef {{step: () => Promise<number>, dispose: () => void}} Model  a step gives its loss
 */

const LETTERS = 4, CLASSES = 2, RATE = 1e-3;

/** One-hot letters [B, L, 4], classes [B, 2]. @param {Shape} shape */
function material({length, batch}) {
  const letters = tf.randomUniform([batch, length], 0, LETTERS, 'int32', 1);
  const classes = tf.randomUniform([batch], 0, CLASSES, 'int32', 2);
  const out = {x: tf.cast(tf.oneHot(letters, LETTERS), 'float32'), y: tf.cast(tf.oneHot(classes, CLASSES), 'float32')};
  letters.dispose();
  classes.dispose();
  return out;
}

/** @param {Shape} shape @returns {Model} */
function byLayers(shape) {
  const {cell, hidden, length, pool} = shape;
  const start = () => tf.initializers.randomUniform({minval: -1 / Math.sqrt(hidden), maxval: 1 / Math.sqrt(hidden)});
  const words = {
    units: hidden, inputShape: [length, LETTERS], returnSequences: pool === 'mean', unitForgetBias: false,
    kernelInitializer: start(), recurrentInitializer: start(), biasInitializer: start(),
  };
  const model = tf.sequential();
  if (cell === 'lstm') model.add(tf.layers.lstm({...words, recurrentActivation: 'sigmoid'}));
  if (cell === 'gru') model.add(tf.layers.gru({...words, recurrentActivation: 'sigmoid', resetAfter: false}));
  if (cell === 'elman') model.add(tf.layers.simpleRNN(words));
  if (pool === 'mean') model.add(tf.layers.globalAveragePooling1d({}));
  model.add(tf.layers.dense({units: CLASSES, activation: 'softmax', kernelInitializer: start()}));
  model.compile({optimizer: tf.train.adam(RATE), loss: 'categoricalCrossentropy'});
  const {x, y} = material(shape);
  return {
    step: async () => Number(await model.trainOnBatch(x, y)),
    dispose: () => [x, y, model].forEach(one => one.dispose()),
  };
}

/** W_x x for all positions is one product; the rest is as few operations a position as there can be. @param {Shape} shape @returns {Model} */
function byHand(shape) {
  const {cell, hidden, length, batch, pool} = shape;
  const gates = {elman: 1, gru: 3, lstm: 4}[cell], bound = 1 / Math.sqrt(hidden);
  const variable = (/** @type {number[]} */ ...sizes) => tf.variable(tf.randomUniform(sizes, -bound, bound));
  const [wx, wh, bx, bh] = [variable(LETTERS, gates * hidden), variable(hidden, gates * hidden), variable(gates * hidden), variable(gates * hidden)];
  const [wo, bo] = [variable(hidden, CLASSES), variable(CLASSES)];
  const weights = [wx, wh, bx, bh, wo, bo];
  const optimiser = tf.train.adam(RATE);
  const {x, y} = material(shape);
  const rows = tf.tidy(() => tf.reshape(tf.transpose(x, [1, 0, 2]), [length * batch, LETTERS]));
  const zero = tf.zeros([batch, hidden]);

  const steps = {
    elman: (/** @type {any} */ z, /** @type {any} */ [h]) => [tf.tanh(tf.add(z, tf.matMul(h, wh)))],
    // Order of gates: r z n, with the product of n inside r (*), as in PyTorch.
    gru: (/** @type {any} */ z, /** @type {any} */ [h]) => {
      const [zs, zn] = tf.split(z, [2 * hidden, hidden], 1);
      const [us, un] = tf.split(tf.add(tf.matMul(h, wh), bh), [2 * hidden, hidden], 1);
      const [r, keep] = tf.split(tf.sigmoid(tf.add(zs, us)), 2, 1);
      const n = tf.tanh(tf.add(zn, tf.mul(r, un)));
      return [tf.add(n, tf.mul(keep, tf.sub(h, n)))];
    },
    // Order of gates: i f o g.
    lstm: (/** @type {any} */ z, /** @type {any} */ [h, c]) => {
      const [s, g] = tf.split(tf.add(z, tf.matMul(h, wh)), [3 * hidden, hidden], 1);
      const [i, f, o] = tf.split(tf.sigmoid(s), 3, 1);
      const next = tf.add(tf.mul(f, c), tf.mul(i, tf.tanh(g)));
      return [tf.mul(o, tf.tanh(next)), next];
    },
  };
  const loss = () => {
    let z = tf.add(tf.matMul(rows, wx), bx);
    if (cell !== 'gru') z = tf.add(z, bh);
    const all = tf.unstack(tf.reshape(z, [length, batch, gates * hidden]));
    let state = cell === 'lstm' ? [zero, zero] : [zero];
    const states = [];
    for (const one of all) {
      state = steps[cell](one, state);
      states.push(state[0]);
    }
    const top = pool === 'mean' ? tf.div(tf.addN(states), length) : state[0];
    return tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(top, wo), bo));
  };
  return {
    async step() {
      const value = optimiser.minimize(loss, true, weights);
      const [number] = await value.data();
      value.dispose();
      return number;
    },
    dispose: () => [x, y, rows, zero, optimiser, ...weights].forEach(one => one.dispose()),
  };
}

Object.assign(globalThis, {tfjsModels: {layers: byLayers, hand: byHand}});
