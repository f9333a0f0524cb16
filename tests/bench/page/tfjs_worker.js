// @ts-check
/// <reference path="tfjs.d.ts" />
// TensorFlow.js in a worker (a classic one: its bundles are scripts). Answers {id, words} with {id, value} or
// {id, error}; words: make BACKEND WAY CELL HIDDEN LENGTH BATCH POOL | step N | version | drop.
/** @type {any} */ (globalThis).importScripts(
    ...['core', 'layers', 'backend-cpu', 'backend-wasm'].map(part => `/npm/@tensorflow/tfjs-${part}/dist/tf-${part}.min.js`),
    'tfjs_models.js');

/** @type {any} */ let model = null;

/** @param {string} backend cpu, wasm, or wasm-threads */
async function use(backend) {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', backend === 'wasm-threads');
  tf.wasm.setWasmPaths('/npm/@tensorflow/tfjs-backend-wasm/dist/');
  const name = backend === 'cpu' ? 'cpu' : 'wasm';
  if (!await tf.setBackend(name)) throw new Error(`TensorFlow.js has no backend ${name} here`);
  await tf.ready();
}

/** @type {Record<string, (...words: string[]) => Promise<any>>} */
const commands = {
  async make(backend, way, cell, hidden, length, batch, pool) {
    model?.dispose();
    model = null;
    await use(backend);
    model = tfjsModels[way]({cell, hidden: Number(hidden), length: Number(length), batch: Number(batch), pool});
    return `TensorFlow.js ${tf.version_core}`;
  },
  // Milliseconds a step, the mean of n.
  async step(n) {
    const start = performance.now();
    let loss = 0;
    for (let i = 0; i < Number(n); ++i) loss = await model.step();
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
    return (performance.now() - start) / Number(n);
  },
  async version() {
    return tf.version_core;
  },
  async drop() {
    model?.dispose();
    model = null;
  },
};

onmessage = async ({data: {id, words: [name, ...rest]}}) => {
  try {
    postMessage({id, value: await commands[name](...rest)});
  } catch (error) {
    postMessage({id, error: String(/** @type {any} */ (error)?.stack ?? error)});
  }
};
