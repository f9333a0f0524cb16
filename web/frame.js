// @ts-check
// The one frame that crosses every border: u32 little-endian length of the head, the head as JSON, the body.

/** @typedef {{type: string, [key: string]: any}} Head */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param {string} text @returns {Uint8Array} */
export const utf8 = text => encoder.encode(text);

/**
 * @param {Head} head
 * @param {Uint8Array} [body]
 * @returns {Uint8Array}
 */
export function encode(head, body = new Uint8Array()) {
  const json = encoder.encode(JSON.stringify(head));
  const frame = new Uint8Array(4 + json.length + body.length);
  new DataView(frame.buffer).setUint32(0, json.length, true);
  frame.set(json, 4);
  frame.set(body, 4 + json.length);
  return frame;
}

/**
 * The body is a view into the frame.
 * @param {Uint8Array} frame
 * @returns {{head: Head, body: Uint8Array}}
 */
export function decode(frame) {
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  return {head: JSON.parse(decoder.decode(frame.subarray(4, 4 + length))), body: frame.subarray(4 + length)};
}

/**
 * Hands a frame to one of the module's functions that take (pointer, length).
 * @param {any} module
 * @param {string} name
 * @param {Uint8Array} frame
 */
export function deliver(module, name, frame) {
  const pointer = module._malloc(Math.max(frame.length, 1));
  if (!pointer) throw new Error('Out of memory.');
  // Read HEAPU8 only now: growing the memory replaces it.
  module.HEAPU8.set(frame, pointer);
  try {
    module[name](pointer, frame.length);
  } finally {
    module._free(pointer);
  }
}
