// @ts-check
// The same WebAssembly as the page, without a canvas: takes frames, works in slices, answers with frames.
// The first message may bring the page's compiled module, so nothing is downloaded or compiled twice.
// A worker that trains asks others for help: they are this same file, started from here, and what they are
// asked and answer is decided in C++ (src/session/worker_team.h).
import createRibostep from './app.mjs';
import {decode, deliver, encode} from './frame.js';
import {trusted} from './trusted.js';

const SLICE_MS = 25;
const LOOK_MS = 200;  // while there are helpers: one that is late tells nobody

/** @type {any} */ let module = null;
/** @type {WebAssembly.Module | undefined} */ let program;
/** @type {Promise<any> | null} */ let starting = null;
/** @type {Uint8Array[]} */ let waiting = [];
let turning = false;
const turn = new MessageChannel();
/** @type {Map<number, Worker>} */ const helpers = new Map();
let looking = 0;

/** @param {string} message */
function fail(message) {
  postMessage({failed: message});
}

/** @param {Uint8Array} frame from the program */
function fromProgram(frame) {
  const {head} = decode(frame);
  if (head.type === 'fatal') return fail(head.message);
  if (head.type === 'helper') return toHelper(head.helper, frame);
  if (head.type === 'helper_stop') return stopHelper(head.helper);
  postMessage(frame.buffer, {transfer: [frame.buffer]});
}

/** @param {WebAssembly.Module | undefined} compiled */
function start(compiled) {
  program = compiled;
  /** @type {any} */ const options = {
    ribostepReceive: fromProgram,
    ribostepRequestFrame() {},
    ribostepSurface: () => 0,
  };
  if (compiled) {
    options.instantiateWasm = (/** @type {WebAssembly.Imports} */ imports, /** @type {any} */ done) => {
      WebAssembly.instantiate(compiled, imports).then(instance => done(instance, compiled), e => fail(String(e)));
      return {};
    };
  }
  starting = createRibostep(options).then((/** @type {any} */ made) => {
    module = made;
    receive(encode({type: 'machine', cores: navigator.hardwareConcurrency || 1}));
    for (const frame of waiting) receive(decode(frame).body);
    waiting = [];
  });
  starting?.catch(e => fail(String(e)));
}

/** @param {Uint8Array} frame a message to the program */
function receive(frame) {
  deliver(module, '_ribostep_worker_receive', frame);
  if (!turning) {
    turning = true;
    turn.port2.postMessage(0);
  }
}

// One slice per turn of the event loop, so that a message (pause, a new setting) gets in between.
turn.port1.onmessage = () => {
  turning = module._ribostep_worker_run(SLICE_MS) === 1;
  if (turning) turn.port2.postMessage(0);
};

// From the page, or from the worker that this one helps: {type: "worker" or "helper"}, whose body is the
// message itself.
onmessage = event => {
  if (!(event.data instanceof ArrayBuffer)) return start(event.data.module);
  const frame = new Uint8Array(event.data);
  if (!starting) start(undefined);
  if (module) receive(decode(frame).body);
  else waiting.push(frame);
};

// ---- helpers -------------------------------------------------------------------------------------------------
/** @param {number} number @param {Uint8Array} frame */
function toHelper(number, frame) {
  let helper = helpers.get(number);
  if (!helper) {
    try {
      helper = startHelper(number);
    } catch (error) {  // from inside the program, which must not be called now
      queueMicrotask(() => helperFailed(number, String(error)));
      return;
    }
    helpers.set(number, helper);
  }
  helper.postMessage(frame.buffer, [/** @type {ArrayBuffer} */ (frame.buffer)]);
  if (!looking) looking = setInterval(look, LOOK_MS);
}

/** @param {number} number */
function startHelper(number) {
  const helper = new Worker(trusted(import.meta.url), {type: 'module', name: `helper ${number + 1}`});
  const current = () => helpers.get(number) === helper;
  helper.onmessage = event => {
    if (!current()) return;
    if (event.data instanceof ArrayBuffer) receive(new Uint8Array(event.data));
    else helperFailed(number, event.data.failed);
  };
  helper.onerror = event => {
    event.preventDefault();
    if (current()) helperFailed(number, event.message || 'The helper stopped.');
  };
  helper.postMessage({module: program});
  return helper;
}

/** @param {number} number */
function stopHelper(number) {
  helpers.get(number)?.terminate();
  helpers.delete(number);
  if (helpers.size) return;
  clearInterval(looking);
  looking = 0;
}

/** @param {number} number @param {string} message */
function helperFailed(number, message) {
  stopHelper(number);
  receive(encode({type: 'helper_failed', helper: number, message}));
}

function look() {
  if (turning) return;
  turning = true;
  turn.port2.postMessage(0);
}
