// @ts-check
// The same WebAssembly as the page, without a canvas: takes frames, works in slices, answers with frames.
// The first message may bring the page's compiled module, so nothing is downloaded or compiled twice.
import createRibostep from './app.mjs';
import {decode, deliver} from './frame.js';

const SLICE_MS = 25;

/** @type {any} */ let module = null;
/** @type {Promise<any> | null} */ let starting = null;
/** @type {Uint8Array[]} */ let waiting = [];
let turning = false;
const turn = new MessageChannel();

/** @param {string} message */
function fail(message) {
  postMessage({failed: message});
}

/** @param {Uint8Array} frame */
function toPage(frame) {
  const {head} = decode(frame);
  if (head.type === 'fatal') return fail(head.message);
  postMessage(frame.buffer, {transfer: [frame.buffer]});
}

/** @param {WebAssembly.Module | undefined} compiled */
function start(compiled) {
  /** @type {any} */ const options = {
    ribostepReceive: toPage,
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
    for (const frame of waiting) receive(frame);
    waiting = [];
  });
  starting?.catch(e => fail(String(e)));
}

/** @param {Uint8Array} frame {type: "worker"}, whose body is the message itself */
function receive(frame) {
  deliver(module, '_ribostep_worker_receive', decode(frame).body);
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

onmessage = event => {
  if (!(event.data instanceof ArrayBuffer)) return start(event.data.module);
  const frame = new Uint8Array(event.data);
  if (!starting) start(undefined);
  if (module) receive(frame);
  else waiting.push(frame);
};
