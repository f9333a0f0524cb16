// @ts-check
// What the browser does on the canvas that SDL does not do, or does too much of: wheel, clipboard, files, focus,
// and the keys that belong to the browser.
import {element, edit} from './dialogs.js';
import {utf8} from './frame.js';

// With Ctrl or Command only these go to the program; every other combination stays the browser's.
const OURS_WITH_CTRL = new Set(['z', 'y', 'a', 's', 'o', 'k', 'arrowleft', 'arrowright', 'arrowup', 'arrowdown', 'home', 'end', 'backspace', 'delete', 'control', 'meta', 'shift', 'alt']);
// Alt moves a track up and down; with Left and Right it is the browser's history.
const OURS_WITH_ALT = new Set(['alt', 'arrowup', 'arrowdown']);
const CLIPBOARD = new Set(['v', 'c', 'x']);
const PIXELS_PER_NOTCH = 100;
const LINES_PER_NOTCH = 3;
const ZOOM_PER_NOTCH = 1.2, PAN_PER_NOTCH = 0.12;  // what the tracks make of a notch (ui/track_mouse.cpp)

/** @param {EventTarget | null} target */
const isField = target => target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.id !== 'text-agent');
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
export {isMac};

/**
 * @param {any} module
 * @param {import('./boot.js').Host} host
 */
export function listen(module, host) {
  const canvas = element('canvas');
  keys(module, canvas);
  pointer(module, canvas);
  pinch(module, canvas);
  clipboard(module, host);
  files(host);
  touchKeyboard(module);
}

/** @param {any} module @param {HTMLElement} canvas */
function keys(module, canvas) {
  // SDL cancels every key it hears, which would kill paste, Tab, reload and the developer tools.
  addEventListener('keydown', event => {
    if (event.target !== canvas) return;
    const key = event.key.toLowerCase();
    const ctrl = (event.ctrlKey || event.metaKey) && !event.getModifierState('AltGraph');
    const browsers =
        (ctrl && (CLIPBOARD.has(key) || !OURS_WITH_CTRL.has(key))) ||
        (key === 'tab' && !module._ribostep_wants_text()) ||
        (/^f\d+$/.test(key) && key !== 'f1') || (event.altKey && !ctrl && !OURS_WITH_ALT.has(key));
    if (browsers) event.stopImmediatePropagation();
  }, true);
  // A key that opens a file picker or writes to the clipboard must do so inside this event.
  addEventListener('keydown', event => {
    if (event.target !== canvas) return;
    if (event.key === 'Enter' || event.key === ' ' || event.ctrlKey || event.metaKey) module._ribostep_frame_now();
  });
  // Keys typed while nothing has the focus are meant for the canvas.
  addEventListener('keydown', event => {
    const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
    const others = event.ctrlKey || event.metaKey || event.altKey || event.key === 'Tab';
    if (event.target !== document.body || (others && !palette)) return;
    if (palette) event.preventDefault();  // or the browser's search bar takes it
    canvas.focus({preventScroll: true});
    canvas.dispatchEvent(new KeyboardEvent('keydown', event));
    canvas.dispatchEvent(new KeyboardEvent('keyup', event));
  }, true);
  const root = document.documentElement.dataset;
  addEventListener('keydown', event => event.key === 'Tab' && (root.tabbing = 'true'), true);
  addEventListener('pointerdown', () => delete root.tabbing, true);
  canvas.addEventListener('focus', () => module._ribostep_focus(1));
  canvas.addEventListener('blur', event => {
    if (/** @type {Element | null} */ (event.relatedTarget)?.id !== 'text-agent') module._ribostep_focus(0);
  });
}

/** @param {any} module @param {HTMLElement} canvas */
function pointer(module, canvas) {
  canvas.addEventListener('pointerdown', event => {
    canvas.focus({preventScroll: true});  // SDL cancels mousedown, and with it the browser's own focus
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('contextmenu', event => event.preventDefault());
  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const notch = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? PIXELS_PER_NOTCH :
        event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINES_PER_NOTCH : 1;
    // A pinch on a touch pad arrives as a wheel with Ctrl.
    module._ribostep_wheel(-event.deltaX / notch, -event.deltaY / notch, event.ctrlKey ? 1 : 0);
  }, {capture: true, passive: false});
  // After SDL has queued the release: verbs that need the user's gesture run inside it.
  addEventListener('click', event => {
    if (event.target === canvas) module._ribostep_frame_now();
  });
}

// Two fingers zoom and pan. SDL takes every finger for a mouse, so it hears of one only, and of none that moves while
// there are two: the cursor would jump about.
/** @param {any} module @param {HTMLElement} canvas */
function pinch(module, canvas) {
  let active = false, spread = 0, middle = 0;
  const measure = (/** @type {TouchList} */ touches) => {
    const [a, b] = touches;
    return {spread: Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)), middle: (a.clientX + b.clientX) / 2};
  };
  const start = (/** @type {TouchEvent} */ event) => {
    if (event.target !== canvas || event.touches.length < 2) return;
    active = true;
    ({spread, middle} = measure(event.touches));
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const move = (/** @type {TouchEvent} */ event) => {
    if (!active) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.touches.length < 2) return;  // the last finger waits until it is lifted
    const now = measure(event.touches);
    const notches = Math.log(now.spread / spread) / Math.log(ZOOM_PER_NOTCH);
    const sideways = (now.middle - middle) / (PAN_PER_NOTCH * canvas.clientWidth);
    ({spread, middle} = now);
    module._ribostep_wheel(sideways, notches, 1);
  };
  const end = (/** @type {TouchEvent} */ event) => {
    if (event.touches.length === 0) active = false;
  };
  addEventListener('touchstart', start, {capture: true, passive: false});
  addEventListener('touchmove', move, {capture: true, passive: false});
  addEventListener('touchend', end, true);
  addEventListener('touchcancel', end, true);
}

/** @param {any} module @param {string} name @param {string} text */
function callWithText(module, name, text) {
  const bytes = utf8(text);
  const pointer = module._malloc(bytes.length + 1);
  if (!pointer) return;
  module.HEAPU8.set(bytes, pointer);
  module.HEAPU8[pointer + bytes.length] = 0;
  module[name](pointer);
  module._free(pointer);
}

/** @param {any} module @param {import('./boot.js').Host} host */
function clipboard(module, host) {
  document.addEventListener('paste', event => {
    if (isField(event.target) || document.querySelector('dialog[open]')) return;
    const data = event.clipboardData;
    if (!data) return;
    event.preventDefault();
    if (data.files.length) return readFiles(data.files, 'paste', host);
    const text = data.getData('text/plain');
    if (module._ribostep_wants_text()) callWithText(module, '_ribostep_paste', text);
    else host.send({type: 'text', source: 'paste', name: 'pasted'}, utf8(text));
  });
  for (const kind of ['copy', 'cut']) {
    document.addEventListener(kind, e => {
      const event = /** @type {ClipboardEvent} */ (e);
      if (isField(event.target) || document.querySelector('dialog[open]') || String(getSelection())) return;
      if (module._ribostep_wants_text()) {
        const text = module.UTF8ToString(module._ribostep_copy(kind === 'cut' ? 1 : 0));
        if (text) {
          event.clipboardData?.setData('text/plain', text);
          event.preventDefault();
        }
      } else if (kind === 'copy') {
        // The program may answer with "copy" at once; then its text goes out with this event.
        host.copyEvent = event;
        host.send({type: 'verb', verb: 'copy'});
        host.copyEvent = null;
      }
    });
  }
}

/** @param {Iterable<File>} list @param {string} source @param {import('./boot.js').Host} host */
async function readFiles(list, source, host) {
  for (const file of [...list]) {
    try {
      host.send({type: 'text', source, name: file.name}, new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
      host.report(`The file ${file.name} could not be read.`, String(error));
    }
  }
}

/** @param {import('./boot.js').Host} host */
function files(host) {
  const zone = element('drop');
  let depth = 0;
  const wanted = (/** @type {DragEvent} */ event) =>
      !isField(event.target) && ['Files', 'text/plain'].some(type => event.dataTransfer?.types.includes(type));
  addEventListener('dragenter', event => {
    if (!wanted(event)) return;
    event.preventDefault();
    depth++;
    zone.hidden = false;
  });
  addEventListener('dragover', event => {
    if (wanted(event)) event.preventDefault();
  });
  addEventListener('dragleave', event => {
    if (wanted(event) && --depth <= 0) {
      depth = 0;
      zone.hidden = true;
    }
  });
  addEventListener('drop', event => {
    depth = 0;
    zone.hidden = true;
    if (!wanted(event) || !event.dataTransfer) return;
    event.preventDefault();
    if (event.dataTransfer.files.length) return readFiles(event.dataTransfer.files, 'drop', host);
    host.send({type: 'text', source: 'drop', name: 'dropped'}, utf8(event.dataTransfer.getData('text/plain')));
  });
  const picker = /** @type {HTMLInputElement} */ (element('picker'));
  picker.onchange = () => {
    readFiles(picker.files ?? [], 'file', host);
    picker.value = '';
  };
}

// A text field drawn on the canvas cannot call up a phone's keyboard; a hidden input can, inside the tap.
/** @param {any} module */
function touchKeyboard(module) {
  const agent = /** @type {HTMLInputElement} */ (element('text-agent'));
  const canvas = element('canvas');
  addEventListener('touchend', event => {
    if (event.target !== canvas) return;
    module._ribostep_frame_now();
    if (module._ribostep_wants_text()) agent.focus({preventScroll: true});
    else if (document.activeElement === agent) canvas.focus({preventScroll: true});
  });
  agent.addEventListener('beforeinput', event => {
    if (event.isComposing) return;
    if (event.inputType === 'deleteContentBackward') module._ribostep_press(0);
    else if (event.inputType === 'insertLineBreak') module._ribostep_press(1);
    else if (event.data) callWithText(module, '_ribostep_type', event.data);
    event.preventDefault();
  });
  agent.addEventListener('compositionend', event => {
    callWithText(module, '_ribostep_type', event.data);
    agent.value = '';
  });
}

/** @param {string} accept */
export function pick(accept) {
  const picker = /** @type {HTMLInputElement} */ (element('picker'));
  picker.accept = accept;
  picker.click();
}

/**
 * @param {string} title
 * @param {string} text
 * @param {string} purpose comes back with the text
 * @param {import('./boot.js').Host} host
 */
export function openEditor(title, text, purpose, host) {
  edit(title, text, changed => host.send({type: 'text', source: 'editor', name: 'editor', purpose}, utf8(changed)));
}
