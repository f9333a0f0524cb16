// @ts-check
// Loads the program and carries messages between it, its worker and the browser. No application logic here:
// what a message means is decided in C++.
import createRibostep from './app.mjs';
import {decode, deliver, encode} from './frame.js';
import {banner, copyByHand, element, problem, writeClipboard} from './dialogs.js';
import {isMac, listen, openEditor, pick} from './input.js';
import {render} from './mirror.js';
import * as picture from './picture.js';
import * as store from './store.js';
import {trusted} from './trusted.js';

/**
 * @typedef {import('./frame.js').Head} Head
 * @typedef {{
 *   send: (head: Head, body?: Uint8Array) => void,
 *   report: (message: string, details: string) => void,
 *   copyEvent: ClipboardEvent | null,
 *   frames: number,
 *   frameTimes: number[],
 *   works: number,
 * }} Host
 */

const FONTS = ['text.otf', 'bold.otf', 'mono.ttf', 'symbols.ttf'];
// What the program asks for first, one after the other: on the way before it asks. Without a link and a saved
// session the opening example follows the list.
const FIRST = ['assets/datasets/index.json'];
const OPENING = ['assets/start.ribostep.json', 'assets/datasets/promoters.tsv'];
// (module (func (result v128) i32.const 0 i8x16.splat)): valid only where WebAssembly has SIMD.
const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11]);
const HISTORY = 20;  // message types kept for an error report
const TIMES = 600;   // frames whose cost is kept

/** @type {any} */ let module = null;
/** @type {WebAssembly.Module | undefined} */ let compiled;
/** @type {Worker | null} */ let worker = null;
let dead = false;
let base = '';
/** @type {string[]} */ const recent = [];
const canvas = /** @type {HTMLCanvasElement} */ (element('canvas'));
const dark = matchMedia('(prefers-color-scheme: dark)');
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** @type {Host} */
const host = {
  send(head, body) {
    note(`> ${head.type} ${head.verb ?? ''}`);
    call(() => deliver(module, '_ribostep_receive', encode(head, body)));
  },
  report(message, details) {
    problem(message, [`Ribostep ${base}`, details, 'recent: ' + recent.join(', ')].join('\n'), discardSession);
  },
  copyEvent: null,
  frames: 0,
  frameTimes: [],  // ms the last frames took in the program, oldest first
  works: 0,        // calls for work between frames
};
// For tests, benches and the curious: ribostep.send({type: 'verb', verb: 'step_next'}).
Object.assign(globalThis, {ribostep: host});

/** @param {string} line */
function note(line) {
  recent.push(line);
  if (recent.length > HISTORY) recent.shift();
}

// A trap inside WebAssembly leaves the program in no known state: report it and call it no more.
/** @template T @param {() => T} work @returns {T | undefined} */
function call(work) {
  if (dead || !module) return undefined;
  try {
    return work();
  } catch (error) {
    dead = true;
    host.report('Ribostep stopped unexpectedly. Your last saved state comes back after a reload.', describe(error));
    return undefined;
  }
}

/** @param {unknown} error */
const describe = error => (error instanceof Error ? error.stack ?? error.message : String(error));

async function discardSession() {
  await store.erase('session').catch(() => {});
  history.replaceState(null, '', location.pathname + location.search);
  location.reload();
}

// Of the canvas, in CSS pixels. Asking for it in a frame would lay out the page anew each time the mirror has changed.
const size = {width: 0, height: 0};

function measure() {
  size.width = canvas.clientWidth;
  size.height = canvas.clientHeight;
}

// ---- frames --------------------------------------------------------------------------------------------------
let scheduled = false;
let later = 0;
let laterWork = 0, laterWorkAt = 0;
const turn = new MessageChannel();  // the next turn of the event loop; timers wait 4 ms after a few
let turning = false;

/** @param {number} delay milliseconds, 0: with the next animation frame */
function requestFrame(delay) {
  if (document.hidden) return;  // coming back, the program is told so, and draws
  if (delay > 0) {
    clearTimeout(later);
    later = setTimeout(() => requestFrame(0), delay);
  } else if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      host.frames++;
      const began = performance.now();
      call(() => module._ribostep_frame());
      if (host.frameTimes.push(performance.now() - began) > TIMES) host.frameTimes.shift();
      if (picture.take(canvas, (name, bytes) => download(name, 'image/png', bytes))) requestFrame(0);
    });
  }
}

/** Work between frames. @param {number} delay milliseconds, 0: in the next turn of the event loop, negative: none */
function requestWork(delay) {
  // A hidden tab does nothing of its own; coming back it is told so, and asks again.
  const wanted = delay >= 0 && !document.hidden;
  const at = performance.now() + delay;
  if (laterWork && wanted && delay > 0 && Math.abs(at - laterWorkAt) < 2) return;
  if (laterWork) clearTimeout(laterWork);
  laterWork = 0;
  if (!wanted) return;
  if (delay > 0) {
    laterWorkAt = at;
    laterWork = setTimeout(() => {
      laterWork = 0;
      work();
    }, Math.ceil(delay));
  } else if (!turning) {
    turning = true;
    turn.port2.postMessage(0);
  }
}

function work() {
  host.works++;
  call(() => module._ribostep_work());
}

turn.port1.onmessage = () => {
  turning = false;
  work();
};

// ---- messages from the program ---------------------------------------------------------------------------------
/** @type {Record<string, (head: Head, body: Uint8Array, frame: Uint8Array) => void>} */
const handlers = {
  worker: (_head, _body, frame) => toWorker(frame),
  worker_restart: () => stopWorker(),
  fetch: head => fetchBytes(head.url),
  copy: head => copy(head.text),
  download: (head, body) => download(head.name, head.mime, body),
  picture: head => {
    picture.ask(/** @type {any} */ (head));
    requestFrame(0);
  },
  pick: head => pick(head.accept ?? ''),
  open: head => {  // a document of this site, in a tab of its own
    const target = new URL(head.url, document.baseURI);
    if (target.origin === location.origin) open(target, '_blank', 'noopener');
  },
  editor: head => openEditor(head.title, head.text ?? '', head.purpose ?? '', host),
  save: (head, body) => {
    store.save(head.key, body).then(
        () => host.send({type: 'stored', key: head.key, ok: true}),
        error => host.send({type: 'stored', key: head.key, ok: false, error: storageTrouble(error)}));
  },
  load: head => {
    store.load(head.key).then(
        bytes => host.send({type: 'loaded', key: head.key, ok: bytes !== undefined}, bytes),
        error => host.send({type: 'loaded', key: head.key, ok: false, error: storageTrouble(error)}));
  },
  erase: head => void store.erase(head.key).catch(() => {}),
  mirror: head => render(head, (verb, words = {}) => host.send({type: 'verb', verb, ...words})),
  hash: head => setHash(head.value, head.push),
  jump,
  theme: head => {
    if (head.mode === 'light' || head.mode === 'dark') document.documentElement.dataset.theme = head.mode;
    else delete document.documentElement.dataset.theme;
  },
  fatal: head => host.report(head.message, ''),
};

// Called from inside the program, where a JavaScript error must not unwind C++: it is reported from here.
/** @param {Uint8Array} frame */
function fromProgram(frame) {
  try {
    const {head, body} = decode(frame);
    note(`< ${head.type}`);
    const handle = handlers[head.type];
    if (handle) handle(head, body, frame);
    else console.warn('unknown message', head.type);
  } catch (error) {
    queueMicrotask(() => host.report('An error in the page.', describe(error)));
  }
}

/** @param {any} error */
const storageTrouble = error =>
    error?.name === 'QuotaExceededError' ? 'The browser has no room left for this site.' : String(error?.message ?? error);

// ---- worker ----------------------------------------------------------------------------------------------------
function startWorker() {
  const started = new Worker(trusted(new URL('worker.js', import.meta.url).href), {type: 'module'});
  started.onmessage = event => {
    if (started !== worker) return;
    if (event.data instanceof ArrayBuffer) {
      call(() => deliver(module, '_ribostep_from_worker', new Uint8Array(event.data)));
    } else {
      workerFailed(event.data.failed);
    }
  };
  started.onerror = event => {
    event.preventDefault();
    if (started === worker) workerFailed(event.message || 'The worker stopped.');
  };
  started.postMessage({module: compiled});
  return started;
}

/** @param {Uint8Array} frame goes as it is, wrapped: copying a large file once more would be felt */
function toWorker(frame) {
  worker ??= startWorker();
  worker.postMessage(frame.buffer, [frame.buffer]);
}

function stopWorker() {
  worker?.terminate();
  worker = null;
}

/** @param {string} message */
function workerFailed(message) {
  stopWorker();
  host.send({type: 'worker_failed', message});
}

// ---- what the program asks of the browser --------------------------------------------------------------------------
/** @type {Map<string, Promise<Response>>} */ const early = new Map();

/** @param {string[]} urls */
function fetchEarly(urls) {
  for (const url of urls) {
    const response = fetch(new URL(url, document.baseURI));
    response.catch(() => {});  // whoever asks for it hears of it
    early.set(url, response);
  }
}

/** @param {string} url relative to the page */
async function fetchBytes(url) {
  /** @type {Head} */ const answer = {type: 'fetched', url, ok: false, status: 0, error: ''};
  let body = new Uint8Array();
  try {
    const asked = early.get(url);
    early.delete(url);
    const response = await (asked ?? fetch(new URL(url, document.baseURI)));
    answer.status = response.status;
    answer.ok = response.ok;
    if (response.ok) body = new Uint8Array(await response.arrayBuffer());
    else answer.error = response.statusText || `status ${response.status}`;
  } catch (error) {
    answer.ok = false;
    answer.error = navigator.onLine ? String(error) : 'The browser is offline.';
  }
  host.send(answer, body);
}

/** @param {string} text */
function copy(text) {
  const answer = (/** @type {string} */ error) => host.send({type: 'copied', ok: !error, error});
  if (host.copyEvent) {
    host.copyEvent.clipboardData?.setData('text/plain', text);
    host.copyEvent.preventDefault();
    queueMicrotask(() => answer(''));
    return;
  }
  writeClipboard(text).then(() => answer(''), error => {
    copyByHand(text);
    answer(String(error?.message ?? error));
  });
}

/** @param {string} name @param {string} mime @param {Uint8Array} body */
function download(name, mime, body) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([body.slice()], {type: mime || 'application/octet-stream'}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** @param {string} value with or without # @param {boolean} push */
function setHash(value, push) {
  const target = value ? '#' + value.replace(/^#/, '') : location.pathname + location.search;
  try {
    // The place in the history of jumps stays what it is.
    if (push) history.pushState(history.state, '', target);
    else history.replaceState(history.state, '', target);
    address = location.href;
  } catch {
    // Safari allows 100 changes in 30 s; the next one brings the address up to date.
  }
}

const fragment = () => location.hash.replace(/^#/, '');

// Each jump is an entry of the browser's history, so that Back takes it back. Entries made by an earlier visit to this
// page have another `page` and are not ours.
const placeOf = (/** @type {any} */ state) => (state?.page === performance.timeOrigin ? state.jump : undefined);

let address = location.href;  // of what is on screen; an older entry of the history may have another
let went = -Infinity;  // when the program itself went to another place: the browser tells of it as of any other
let further = 0;       // places to go once it has

/** @param {Head} head push: the program goes on to a new place; else it has gone `by` places from `from` by itself */
function jump(head) {
  try {
    if (head.push) history.pushState({page: performance.timeOrigin, jump: head.serial}, '');
    else if (onTheWay()) further += head.by;
    else if (placeOf(history.state) === head.from) travel(head.by);
  } catch {
    // Too many in a short time: Back then takes back several jumps at once.
  }
}

const onTheWay = () => performance.now() - went < 1000;

/** @param {number} by */
function travel(by) {
  went = performance.now();
  further = 0;
  history.go(by);
}

/** @param {PopStateEvent} event */
function travelled(event) {
  const serial = placeOf(event.state), ours = onTheWay();
  went = -Infinity;
  // A jump back leads to another place, not to the link that was in the address bar then.
  if (serial !== undefined) history.replaceState(event.state, '', address);
  if (ours && further !== 0) travel(further);
  else if (!ours && serial !== undefined) host.send({type: 'verb', verb: 'jump_to', serial});
}

// ---- start -----------------------------------------------------------------------------------------------------------
let refused = false;  // the page has said why it cannot run

/** @param {string} text @param {number} [share] 0..1 */
function progress(text, share) {
  if (refused) return;
  element('loading-text').textContent = text;
  const bar = /** @type {HTMLProgressElement} */ (element('progress'));
  if (share === undefined) bar.removeAttribute('value');
  else bar.value = share;
}

/** @param {string} text */
function cannotRun(text) {
  refused = true;
  element('progress').hidden = true;
  element('loading-text').textContent = text;
  element('loading-text').classList.add('problem');
}

/** @returns {string} "" or what is missing */
function missingFeature() {
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(SIMD)) {
    return 'This browser has no WebAssembly SIMD, which Ribostep computes with. Chrome or Edge 91, Firefox 100, ' +
        'Safari 16.4, or anything newer, will do.';
  }
  return '';
}

/** The context the program will find on the canvas, with what it would ask for. @returns {string} "" or what is missing */
function missingGraphics() {
  if (canvas.getContext('webgl2', {alpha: false, depth: false, stencil: false, antialias: false})) return '';
  return 'WebGL 2 is not available here, and Ribostep draws with it. It may be switched off in the browser\'s ' +
      'settings ("graphics acceleration"), or the graphics driver may be blocked.';
}

/**
 * Counts the bytes of a copy: compiled code is kept from visit to visit only for the response as it came.
 * @param {URL} url @returns {Promise<Response>}
 */
async function fetchWithProgress(url) {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${url.pathname}: status ${response.status}`);
  count(response.clone()).catch(() => {});  // whoever compiles it hears of it
  const known = response.headers.get('Content-Type')?.trim().toLowerCase() === 'application/wasm';
  return known ? response : new Response(response.body, {headers: {'Content-Type': 'application/wasm'}});
}

/** @param {Response} response */
async function count(response) {
  const total = response.headers.get('Content-Encoding') ? 0 : Number(response.headers.get('Content-Length') ?? 0);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  for (let done = 0, part = await reader.read(); !part.done; part = await reader.read()) {
    done += part.value.length;
    if (total) progress(`Loading ${Math.min(100, Math.round(100 * done / total))} %`, done / total);
    else progress(`Loading ${Math.round(done / 1024)} kB`);
  }
}

/** @param {string} name @returns {Promise<Uint8Array>} */
async function font(name) {
  const response = await fetch(new URL('fonts/' + name, import.meta.url));
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : new Uint8Array();
}

async function start() {
  for (const hint of document.querySelectorAll('.late')) hint.remove();
  const missing = missingFeature();
  if (missing) return cannotRun(missing);
  const response = fetchWithProgress(new URL('app.wasm', import.meta.url));
  const fonts = Promise.all(FONTS.map(font));
  fonts.catch(() => {});
  const saved = store.load('session').catch(() => undefined);
  fetchEarly(FIRST);
  if (fragment().length <= 1) saved.then(bytes => bytes === undefined && fetchEarly(OPENING));
  const made = new Promise((resolve, reject) => {
    createRibostep({
      canvas,
      ribostepReceive: fromProgram,
      ribostepRequestFrame: requestFrame,
      ribostepRequestWork: requestWork,
      ribostepSurface: (/** @type {number} */ what) => [size.width, size.height, devicePixelRatio][what],
      // An abort throws, C++ handlers catch that and abort again: say it once, and call the program no more.
      onAbort: (/** @type {unknown} */ what) => {
        dead = true;
        reject(new Error(String(what)));
      },
      printErr: (/** @type {string} */ line) => dead || console.warn(line),
      instantiateWasm(/** @type {WebAssembly.Imports} */ imports, /** @type {any} */ done) {
        response.then(r => WebAssembly.instantiateStreaming(r, imports)).then(result => {
          compiled = result.module;
          done(result.instance, result.module);
        }, reject);
        return {};
      },
    }).then(resolve, reject);
  });
  made.catch(() => {});  // where graphics are missing nobody waits for either
  // While other threads compile: opening the graphics takes as long.
  const without = missingGraphics();
  if (without) return cannotRun(without);
  module = await made;
  base = `${module.UTF8ToString(module._ribostep_version())} ${module.UTF8ToString(module._ribostep_commit())}`;
  progress('Starting', 1);
  (await fonts).forEach((bytes, i) => {
    const pointer = module._malloc(bytes.length + 1);
    module.HEAPU8.set(bytes, pointer);
    module._ribostep_font(i, pointer, bytes.length);
    module._free(pointer);
  });
  const autosave = await saved;
  measure();
  if (!call(() => module._ribostep_start(isMac ? 1 : 0))) return cannotRun('Ribostep could not start.');
  host.send({
    type: 'boot',
    hash: fragment(),
    dark: dark.matches,
    reduced_motion: calm.matches,
    touch: matchMedia('(pointer: coarse)').matches,
    base_url: location.href.replace(/#.*$/, ''),
  }, autosave);
  listen(module, host);
  watch();
  requestFrame(0);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    element('loading').hidden = true;
    document.documentElement.dataset.ready = 'true';
    if (window.top === window) canvas.focus({preventScroll: true});
  }));
}

// What happens to the page as a whole.
function watch() {
  new ResizeObserver(() => {
    measure();
    requestFrame(0);
  }).observe(canvas);
  const watchRatio = () => {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', () => {
      requestFrame(0);
      watchRatio();
    }, {once: true});
  };
  watchRatio();
  dark.addEventListener('change', () => host.send({type: 'theme', dark: dark.matches}));
  addEventListener('hashchange', () => {
    address = location.href;
    host.send({type: 'hash', value: fragment()});
  });
  history.replaceState({page: performance.timeOrigin, jump: 0}, '');
  addEventListener('popstate', travelled);
  document.addEventListener('visibilitychange', () => host.send({type: 'visibility', hidden: document.hidden}));
  canvas.addEventListener('webglcontextlost', event => {
    event.preventDefault();  // or it is never restored
    call(() => module._ribostep_context_lost());
    banner('The graphics card took the picture away. Waiting for it to come back; nothing is lost.');
  });
  canvas.addEventListener('webglcontextrestored', () => {
    call(() => module._ribostep_context_restored());
    banner('');
  });
}

addEventListener('error', event => host.report('An error in the page.', describe(event.error ?? event.message)));
addEventListener('unhandledrejection', event => host.report('An error in the page.', describe(event.reason)));

start().catch(error => {
  cannotRun('Ribostep could not be loaded: ' + (error?.message ?? error));
  console.error(error);
});
