// @ts-check
// The canvas as a PNG file with a caption below and what it was made from inside. Asked for by the program
// ("picture" messages); taken right after a frame was drawn, while WebGL's buffer still holds it.

const FRAMES = 2;  // until the menu or palette that asked is gone from the screen
const FONT = 12, LINE = 17, MARGIN = 10;  // of the caption, in CSS pixels
const LATIN = /^[\n\x20-\x7e\xa0-\xff]*$/;

/**
 * @typedef {{name: string, x: number, y: number, w: number, h: number, caption?: string[], text?: string, dark?: boolean}} Wanted
 */

/** @type {{wanted: Wanted, wait: number}[]} */ const waiting = [];

/** @param {Wanted} wanted in CSS pixels of the canvas; w 0: all of it */
export function ask(wanted) {
  waiting.push({wanted, wait: FRAMES});
}

/**
 * After every frame, in its own task. @param {HTMLCanvasElement} canvas
 * @param {(name: string, bytes: Uint8Array) => void} done @returns {boolean} another frame is needed
 */
export function take(canvas, done) {
  for (let i = waiting.length - 1; i >= 0; --i) {
    if (--waiting[i].wait > 0) continue;
    const [{wanted}] = waiting.splice(i, 1);
    const drawn = draw(canvas, wanted);
    drawn.toBlob(async blob => {
      if (!blob) return;
      const png = new Uint8Array(await blob.arrayBuffer());
      done(wanted.name, withText(png, 'Description', wanted.text ?? ''));
    }, 'image/png');
  }
  return waiting.length > 0;
}

/** @param {HTMLCanvasElement} canvas @param {Wanted} wanted */
function draw(canvas, wanted) {
  const ratio = canvas.width / Math.max(1, canvas.clientWidth);
  const all = !(wanted.w > 0) || !(wanted.h > 0);
  const x = all ? 0 : wanted.x, y = all ? 0 : wanted.y;
  const w = all ? canvas.clientWidth : Math.min(wanted.w, canvas.clientWidth - x);
  const h = all ? canvas.clientHeight : Math.min(wanted.h, canvas.clientHeight - y);
  const picture = document.createElement('canvas');
  const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext('2d'));
  const font = `${FONT * ratio}px "Ribostep Text", system-ui, sans-serif`;
  context.font = font;
  const lines = (wanted.caption ?? []).flatMap(line => wrapped(context, line, (w - 2 * MARGIN) * ratio));
  picture.width = Math.round(w * ratio);
  picture.height = Math.round((h + lines.length * LINE + 2 * MARGIN) * ratio);
  context.fillStyle = wanted.dark ? '#1b2129' : '#ffffff';
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, x * ratio, y * ratio, w * ratio, h * ratio, 0, 0, w * ratio, h * ratio);
  context.font = font;  // a new size forgets it
  context.fillStyle = wanted.dark ? '#a2acba' : '#566171';
  lines.forEach((line, i) => context.fillText(line, MARGIN * ratio, (h + MARGIN + LINE * (i + 0.75)) * ratio));
  return picture;
}

/** @param {CanvasRenderingContext2D} context @param {string} line @param {number} width */
function wrapped(context, line, width) {
  /** @type {string[]} */ const lines = [];
  let now = '';
  for (const word of line.split(' ')) {
    const longer = now ? `${now} ${word}` : word;
    if (now && context.measureText(longer).width > width) {
      lines.push(now);
      now = word;
    } else {
      now = longer;
    }
  }
  return [...lines, now];
}

// ---- text in a PNG file (PNG specification, 11.3.4) --------------------------------------------------------------
const TABLE = Uint32Array.from({length: 256}, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** @param {Uint8Array} bytes */
function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/**
 * The file with a text chunk right behind its header: tEXt holds Latin-1, iTXt anything.
 * @param {Uint8Array} png @param {string} keyword @param {string} text
 */
export function withText(png, keyword, text) {
  const latin = LATIN.test(text);
  const bytes = (/** @type {string} */ s) => Uint8Array.from(s, c => c.charCodeAt(0));
  const key = bytes(keyword);
  const body = latin ? bytes(text) : new TextEncoder().encode(text);
  // iTXt: not compressed, no language, no translated keyword.
  const between = new Uint8Array(latin ? 1 : 5);
  const data = new Uint8Array(4 + key.length + between.length + body.length);
  data.set(bytes(latin ? 'tEXt' : 'iTXt'));
  data.set(key, 4);
  data.set(between, 4 + key.length);
  data.set(body, 4 + key.length + between.length);
  const chunk = new Uint8Array(data.length + 8), view = new DataView(chunk.buffer);
  view.setUint32(0, data.length - 4);
  chunk.set(data, 4);
  view.setUint32(4 + data.length, crc(data));
  const at = 8 + 25;  // signature and IHDR
  const out = new Uint8Array(png.length + chunk.length);
  out.set(png.subarray(0, at));
  out.set(chunk, at);
  out.set(png.subarray(at), at + chunk.length);
  return out;
}
