// Training on several workers, as a browser runs them: the same weights as on one, and a pause that gets in.
import assert from 'node:assert/strict';
import {pause, test, TRAINING} from './harness.mjs';

const finished = s => s.trainingState === TRAINING.finished;

/** A network large enough that starting helpers pays, on the promoters, with so many workers. */
async function opened(world, count, epochs) {
  const ribo = await (await world.page()).open();
  await ribo.verb('example', {id: 'promoters'});
  await ribo.until('the promoters', s => s.records === '106');
  await ribo.verb('set_model', {cell: 'lstm', hidden: 48});
  await ribo.verb('set_train', {max_epochs: epochs, batch_size: 32});
  await ribo.until('the model', s => s.modelHidden === '48');
  await ribo.verb('workers', {count});
  return ribo;
}

test('two, three and four workers train to the weights of one', async world => {
  const hashes = [];
  for (const count of [1, 2, 3, 4]) {
    const ribo = await opened(world, count, 100);
    await ribo.press('train');
    if (count > 1) {
      await ribo.until(`${count} workers compute`, s => s.trainingWorkers === String(count));
      await ribo.until('the status says so', s => s.trainingText.includes(`${count} workers`) || finished(s));
    }
    const s = await ribo.until('the end', finished, 60_000);
    assert.equal(s.trainingUpdates, '300');
    hashes.push((await ribo.settled()).trainingHash);
    await ribo.page.close();
  }
  assert.match(hashes[0], /^[0-9a-f]{16}$/);
  assert.deepEqual(hashes, Array(4).fill(hashes[0]));
});

test('a shared training is paused, goes on, and starts anew; nothing of one run gets into another', async world => {
  const ribo = await opened(world, 2, 4000);
  await ribo.press('train');
  await ribo.until('two workers compute', s => s.trainingWorkers === '2');
  await ribo.press('train');
  const paused = await ribo.settled();
  await pause(300);
  const later = await ribo.state();
  assert.equal(later.trainingUpdates, paused.trainingUpdates);
  assert.equal(later.trainingHash, paused.trainingHash);
  // In the middle of everything another start: its weights are those of one worker.
  await ribo.press('train');
  await ribo.until('it goes on', s => Number(s.trainingUpdates) > Number(paused.trainingUpdates));
  await ribo.press('reset');
  await ribo.verb('set_train', {max_epochs: 10});
  await ribo.press('train');
  await ribo.until('the end', s => finished(s) && s.trainingUpdates === '30');
  const shared = (await ribo.settled()).trainingHash;
  const single = await opened(world, 1, 10);
  await single.press('train');
  await single.until('the end', s => finished(s) && s.trainingUpdates === '30');
  assert.equal((await single.settled()).trainingHash, shared);
});

test('helpers that cannot be started, or die without a word, cost no update and no bit', async world => {
  const single = await opened(world, 1, 150);
  await single.press('train');
  await single.until('the end', finished);
  const expected = (await single.settled()).trainingHash;

  const refused = await opened(world, 1, 150);
  await refused.page.workers()[0].evaluate(() => {
    globalThis.Worker = class {
      constructor() {
        throw new Error('no more workers');
      }
    };
  });
  await refused.verb('workers', {count: 3});
  await refused.press('train');
  await refused.until('the end', finished);
  assert.equal((await refused.settled()).trainingHash, expected);

  const bereaved = await opened(world, 1, 150);
  const worker = bereaved.page.workers()[0];
  await worker.evaluate(() => {
    const Made = globalThis.Worker;
    globalThis.helpers = [];
    globalThis.Worker = class extends Made {
      constructor(...words) {
        super(...words);
        globalThis.helpers.push(this);
      }
    };
  });
  await bereaved.verb('workers', {count: 3});
  await bereaved.press('train');
  await bereaved.until('three workers compute', s => s.trainingWorkers === '3');
  await worker.evaluate(() => globalThis.helpers.forEach(helper => helper.terminate()));
  await bereaved.until('the end', finished);
  assert.equal((await bereaved.settled()).trainingHash, expected);
});
