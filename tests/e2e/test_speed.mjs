// What makes the page light, as far as it can be counted: what a first visit downloads, how many frames an event
// draws, and that a page at rest does nothing.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {brotliCompressSync, constants} from 'node:zlib';
import {dist, pause, test} from './harness.mjs';
import {planted} from './specimens.mjs';

const BUDGET = 1_200_000;  // bytes of a first visit, compressed
const FEW = 6;             // frames for one event: what changed, what settles after it, and one for the worker's answer

/** Frames drawn and calls made for work between them. */
const effort = ribo => ribo.page.evaluate(() => ({frames: globalThis.ribostep.frames, works: globalThis.ribostep.works}));

test('a first visit stays within its budget', async world => {
  const ribo = await (await world.page()).open();
  await ribo.settled();
  await ribo.idle();
  const base = new URL(world.site);
  const files = [...new Set(ribo.requests.map(url => new URL(url)).filter(url => url.origin === base.origin)
      .map(url => url.pathname.endsWith('/') ? url.pathname + 'index.html' : url.pathname))];
  for (const needed of ['/app.wasm', '/app.mjs', '/worker.js', '/fonts/text.otf']) assert.ok(files.includes(needed), needed);
  let sum = 0;
  for (const file of files) {
    // Below the best, as hosts compress while they serve.
    sum += brotliCompressSync(readFileSync(join(dist, file)), {params: {[constants.BROTLI_PARAM_QUALITY]: 9}}).length;
  }
  console.log(`      ${files.length} files, ${Math.round(sum / 1000)} kB with brotli`);
  assert.ok(sum < BUDGET, `${sum} bytes`);
});

test('nothing is downloaded twice on the way to the opening example', async world => {
  const ribo = await (await world.page()).open();
  await ribo.settled();
  const asked = ribo.requests.filter(url => /app\.wasm|assets\//.test(url));
  assert.equal(new Set(asked).size, asked.length, asked.join(' '));
  assert.ok(asked.some(url => url.endsWith('promoters.tsv')));
});

test('a step draws a few frames, its autosave none, and then the page rests', async world => {
  const ribo = await (await world.page()).open();
  await ribo.settled();
  await ribo.idle(2500);
  const before = await effort(ribo);
  await ribo.verb('step_next');
  await ribo.until('the step is told', s => s.sentence.startsWith('read '));
  await ribo.idle(2500);  // the autosave is due a second after the step
  const after = await effort(ribo);
  assert.ok(after.frames > before.frames, 'the step is drawn');
  assert.ok(after.frames - before.frames <= FEW, `${after.frames - before.frames} frames for one step`);
  // Timers that go on would show here.
  await pause(1500);
  assert.deepEqual(await effort(ribo), after);
});

test('training that is over leaves nothing running', async world => {
  const ribo = await (await world.page()).open();
  await ribo.paste(planted());
  await ribo.until('the set is read', s => s.records === '20');
  await ribo.verb('set_train', {max_epochs: 5});
  await ribo.press('train');
  await ribo.until('training ends', s => s.trainingState === '3');
  await ribo.settled();
  await ribo.idle(2500);
  const after = await effort(ribo);
  await pause(2000);
  assert.deepEqual(await effort(ribo), after);
});
