// @ts-check
// Starts the bench's workers and passes questions on to them: bench.ask(name, words) -> answer.

/** @typedef {{worker: Worker, waiting: Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>}} Engine */

/** @type {Map<string, Engine>} */
const engines = new Map();
let last = 0;

/** @param {string} name of the file NAME_worker.js @returns {Engine} */
function start(name) {
  const worker = new Worker(`${name}_worker.js`, {type: name === 'tfjs' ? 'classic' : 'module'});
  /** @type {Engine} */ const engine = {worker, waiting: new Map()};
  worker.onmessage = ({data: {id, value, error}}) => {
    const asked = engine.waiting.get(id);
    engine.waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  };
  worker.onerror = event => {
    for (const asked of engine.waiting.values()) asked.reject(new Error(`${name} worker: ${event.message}`));
    engine.waiting.clear();
  };
  return engine;
}

/** @param {string} name @param {string[]} words @returns {Promise<any>} */
function ask(name, words) {
  const engine = engines.get(name) ?? start(name);
  engines.set(name, engine);
  return new Promise((resolve, reject) => {
    engine.waiting.set(++last, {resolve, reject});
    engine.worker.postMessage({id: last, words});
  });
}

/** @param {string} name */
function stop(name) {
  engines.get(name)?.worker.terminate();
  engines.delete(name);
}

Object.assign(globalThis, {bench: {ask, stop}});
