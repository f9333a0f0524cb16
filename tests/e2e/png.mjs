// Reads a PNG as screenshots come (8 bits, RGB or RGBA, not interlaced), to look at single pixels.
import {inflateSync} from 'node:zlib';

function paeth(a, b, c) {
  const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** @param {Buffer} png @returns {{width: number, height: number, at: (x: number, y: number) => number}} at: 0xRRGGBB */
export function decode(png) {
  let width = 0, height = 0, channels = 0;
  const parts = [];
  for (let offset = 8; offset < png.length;) {
    const length = png.readUInt32BE(offset), type = png.toString('latin1', offset + 4, offset + 8);
    const body = png.subarray(offset + 8, offset + 8 + length);
    if (type === 'IHDR') {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      channels = {2: 3, 6: 4}[body[9]];
      if (body[8] !== 8 || !channels || body[12] !== 0) throw new Error('not a kind of PNG this reads');
    } else if (type === 'IDAT') {
      parts.push(body);
    }
    offset += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(parts)), stride = width * channels, out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; ++y) {
    const filter = raw[y * (stride + 1)], row = y * (stride + 1) + 1;
    for (let x = 0; x < stride; ++x) {
      const left = x >= channels ? out[y * stride + x - channels] : 0;
      const up = y > 0 ? out[(y - 1) * stride + x] : 0;
      const corner = y > 0 && x >= channels ? out[(y - 1) * stride + x - channels] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      out[y * stride + x] = raw[row + x] + guess;
    }
  }
  return {
    width, height,
    at(x, y) {
      const i = y * stride + x * channels;
      return (out[i] << 16) | (out[i + 1] << 8) | out[i + 2];
    },
  };
}

/** How many different colours a grid of pixels has: 1 for a blank picture. */
export function colours({width, height, at}, step = 7) {
  const seen = new Set();
  for (let y = 0; y < height; y += step) for (let x = 0; x < width; x += step) seen.add(at(x, y));
  return seen.size;
}

/** The largest rectangle-like run of one colour: rows of at least `least` equal pixels; its box, or null. */
export function block({width, height, at}, colour, least) {
  let best = null;
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width;) {
      if (at(x, y) !== colour) {
        ++x;
        continue;
      }
      const from = x;
      while (x < width && at(x, y) === colour) ++x;
      if (x - from < least) continue;
      let bottom = y;
      while (bottom + 1 < height && at(from, bottom + 1) === colour) ++bottom;
      const area = (x - from) * (bottom - y + 1);
      if (!best || area > best.area) best = {area, x: from, y, width: x - from, height: bottom - y + 1};
    }
  }
  return best;
}
