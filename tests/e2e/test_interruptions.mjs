// What happens to a page while somebody works: reload, a dead worker, a hidden tab, a lost graphics context, a change
// of mind.
import assert from 'node:assert/strict';
import {pause, pixels, test, TRAINING, until} from './harness.mjs';
import {colours} from './png.mjs';
import {planted} from './specimens.mjs';

async function withData(world, records = 20) {
  const ribo = await (await world.page()).open();
  await ribo.paste(planted(records, 30));
  await ribo.until('the records', s => s.records === String(records));
  return ribo;
}

test('a reload brings back data, weights and position', async world => {
  const ribo = await withData(world);
  await ribo.train(s => Number(s.trainingUpdates) >= 20);
  await ribo.verb('go_to', {position: 5});
  const before = await ribo.until('position 5', s => s.position === '5' && s.table.length > 1);
  await ribo.idle(2500);  // the autosave is due 1.5 s after the last change
  await ribo.page.reload();
  await ribo.ready();
  const after = await ribo.until('the work is back', s => s.records === '20' && s.trainingHash && !s.job && s.table.length > 1);
  for (const key of ['summary', 'trainingHash', 'trainingUpdates', 'position', 'values']) assert.deepEqual(after[key], before[key], key);
  // And it is a project one can go on with.
  const on = await ribo.train(s => Number(s.trainingUpdates) > Number(before.trainingUpdates) + 5);
  assert.ok(Number(on.trainingUpdates) > Number(before.trainingUpdates));
});

test('training survives the death of its worker', async world => {
  const ribo = await withData(world);
  await ribo.verb('set_train', {max_epochs: 100000});
  await ribo.press('train');
  await ribo.until('training', s => Number(s.trainingUpdates) > 20);
  const worker = ribo.page.workers()[0];
  world.allow(/killed by the test/);
  await worker.evaluate(() => { setTimeout(() => { throw new Error('killed by the test'); }); });
  const told = await ribo.until('a message', s => s.severity === '2' && /worker stopped/.test(s.status));
  assert.equal(told.trainingState, TRAINING.paused);
  assert.equal(told.records, '20');
  const updates = Number(told.trainingUpdates);
  assert.ok(updates > 20);
  await ribo.press('train');
  await ribo.until('training goes on', s => Number(s.trainingUpdates) > updates + 10 && s.trainingState === TRAINING.running && !s.job);
  await ribo.press('train');
  await ribo.settled();
});

// Headless Chromium never hides a tab, so the page is told what a browser tells it: hidden, and no animation frames.
const hideable = () => {
  const draw = globalThis.requestAnimationFrame.bind(globalThis);
  const held = [];
  let hidden = false;
  Object.defineProperty(Document.prototype, 'hidden', {get: () => hidden});
  Object.defineProperty(Document.prototype, 'visibilityState', {get: () => (hidden ? 'hidden' : 'visible')});
  globalThis.requestAnimationFrame = callback => (hidden ? held.push(callback) : draw(callback));
  globalThis.setHidden = now => {
    hidden = now;
    document.dispatchEvent(new Event('visibilitychange'));
    if (!hidden) for (const callback of held.splice(0)) draw(callback);
  };
  // News from the worker, counted: the mirror rests while nobody looks.
  globalThis.news = 0;
  const Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', () => ++globalThis.news);
    }
  };
};

test('a hidden tab goes on training and keeps its work', async world => {
  const ribo = await world.page();
  await ribo.page.addInitScript(hideable);
  await ribo.open();
  await ribo.paste(planted(40, 300));  // enough for the 10,000 epochs to outlast the test
  await ribo.until('40 records', s => s.records === '40');
  await ribo.verb('set_train', {max_epochs: 10000});
  await ribo.press('train');
  await ribo.until('training', s => Number(s.trainingUpdates) > 5);
  await ribo.page.evaluate(() => globalThis.setHidden(true));
  await pause(1000);  // a frame that was asked for before is still drawn
  const hidden = await ribo.state();
  const news = await ribo.page.evaluate(() => globalThis.news);
  await until('news from the worker', () => ribo.page.evaluate(before => globalThis.news > before + 10, news));
  assert.equal((await ribo.state()).frames, hidden.frames, 'nothing is drawn for nobody');
  await ribo.page.evaluate(() => globalThis.setHidden(false));
  const back = await ribo.until('the updates of the hidden time', s => Number(s.trainingUpdates) > Number(hidden.trainingUpdates));
  assert.ok(Number(back.trainingUpdates) > Number(hidden.trainingUpdates) + 20, `${hidden.trainingUpdates} -> ${back.trainingUpdates}`);
  await ribo.press('train');
  await ribo.settled();
  await ribo.idle();  // the worker's last word on a pause comes after the button has changed
  const last = await ribo.state();

  // Hiding is often the last thing a page hears: what was done until then must be there after a reload.
  await ribo.verb('go_to', {position: 7});
  await ribo.page.evaluate(() => globalThis.setHidden(true));
  await pause(1500);  // for the browser to write, also on a busy machine
  await ribo.page.reload();
  await ribo.ready();
  const again = await ribo.until('the work is back', s => s.records === '40' && s.trainingHash && !s.job);
  assert.equal(again.trainingHash, last.trainingHash);
  assert.equal(again.position, '7');
});

test('a lost graphics context comes back with the same picture', async world => {
  const ribo = await (await world.page()).open();
  world.allow(/CONTEXT_LOST|context lost/i);
  await ribo.page.keyboard.press('ArrowRight');
  await ribo.idle();
  const before = pixels(await ribo.page.screenshot());
  await ribo.page.evaluate(() => {
    globalThis.lose = document.getElementById('canvas').getContext('webgl2').getExtension('WEBGL_lose_context');
    globalThis.lose.loseContext();
  });
  await until('the banner', () => ribo.page.isVisible('#banner'));
  // Work goes on without a picture.
  await ribo.page.keyboard.press('ArrowRight');
  await ribo.verb('step_back');
  await ribo.page.evaluate(() => globalThis.lose.restoreContext());
  await until('the banner is gone', () => ribo.page.isHidden('#banner'));
  await ribo.verb('go_to', {position: 1});
  await ribo.until('position 1', s => s.position === '1');
  await ribo.idle();
  const after = pixels(await ribo.page.screenshot());
  assert.ok(colours(after) > 40);
  let different = 0, seen = 0;
  for (let y = 0; y < 800; y += 5) for (let x = 0; x < 1280; x += 5) different += Number(before.at(x, y) !== after.at(x, y)), ++seen;
  assert.ok(different < seen * 0.02, `${different} of ${seen} pixels differ`);
});

test('undo and redo by keys restore the bits', async world => {
  const ribo = await (await world.page()).open();
  const first = await ribo.settled();
  await ribo.paste(planted(20, 30));
  await ribo.until('20 records', s => s.records === '20');
  const trained = await ribo.train(s => Number(s.trainingUpdates) >= 15);
  await ribo.page.keyboard.press('Control+Z');
  const untrained = await ribo.until('before training', s => s.trainingUpdates === '0' && s.records === '20' && s.trainingHash);
  assert.notEqual(untrained.trainingHash, trained.trainingHash);
  await ribo.page.keyboard.press('Control+Z');
  const back = await ribo.until('the first example', s => s.summary === first.summary && s.trainingHash && !s.job);
  assert.equal(back.trainingHash, first.trainingHash);
  await ribo.page.keyboard.press('Control+Shift+Z');
  await ribo.until('20 records again', s => s.records === '20' && s.trainingUpdates === '0');
  await ribo.page.keyboard.press('Control+Shift+Z');
  const again = await ribo.until('trained again', s => s.trainingUpdates === trained.trainingUpdates && s.trainingHash && !s.job);
  assert.equal(again.trainingHash, trained.trainingHash);
  assert.ok(again.buttons.redo.disabled);
});
