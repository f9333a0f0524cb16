// Share links: short, and whoever opens one sees the same screen, numbers and bits, in a fresh browser and natively.
import assert from 'node:assert/strict';
import {cli, Ribo, test} from './harness.mjs';

async function trainedPromoters(world) {
  const ribo = await (await world.page()).open();
  await ribo.verb('example', {id: 'promoters'});
  await ribo.until('the promoters', s => s.records === '106');
  await ribo.verb('set_model', {cell: 'lstm', hidden: 8, pool: 'mean'});
  await ribo.verb('set_train', {max_epochs: 20});
  const s = await ribo.train(() => false);
  assert.ok(Number(s.trainingUpdates) > 50);
  return ribo;
}

test('the link of a trained promoter model is short and brings back the same bits everywhere', async world => {
  const ribo = await trainedPromoters(world);
  await ribo.verb('select', {sequence: 3});
  await ribo.verb('go_to', {position: 17});
  const sent = await ribo.until('sequence 4, position 17', s => s.sequence === '3' && s.position === '17' && s.table.length > 8);
  const link = await ribo.share();
  assert.ok(link.length < 2000, `${link.length} characters`);
  assert.ok(link.startsWith(world.site + '#p='), link.slice(0, 60));

  const other = await (await world.page()).open(link);
  await other.until('replayed', s => s.trainingHash && !s.job && /replayed/.test(s.status));
  await other.idle();  // the trace of the last weights follows the news of them
  const found = await other.state();
  assert.match(found.status, /bit for bit/);
  for (const key of ['trainingHash', 'trainingUpdates', 'sequence', 'position', 'modelCell', 'modelHidden', 'summary', 'caption', 'sentence']) {
    assert.equal(found[key], sent[key], key);
  }
  assert.deepEqual(found.values, sent.values);

  // The same by pasting it onto a page that shows something else.
  const third = await (await world.page()).open();
  await third.paste(link);
  const pasted = await third.until('the pasted link', s => s.trainingHash === sent.trainingHash && !s.job);
  assert.deepEqual([pasted.sequence, pasted.position], [sent.sequence, sent.position]);

  const native = await cli('open', link, '--quiet');
  assert.equal(native.status, 0, native.stdout + native.stderr);
  assert.ok(native.stdout.includes(sent.trainingHash), native.stdout);
  const step = JSON.parse((await cli('step', link, '--json', '--from', '17', '--to', '17', '--quiet')).stdout);
  assert.equal(step.weights, sent.trainingHash);
  assert.deepEqual(Ribo.hidden(sent).map(Number), step.positions[0].layers[0].h);
});

test('work done after sharing or opening a link outlives a reload', async world => {
  const ribo = await trainedPromoters(world);
  const link = await ribo.share();
  assert.equal(ribo.page.url(), link);
  const shared = await ribo.state();
  await ribo.press('train_once');
  const later = await ribo.until('one update more', s => Number(s.trainingUpdates) === Number(shared.trainingUpdates) + 1 && s.trainingHash);
  assert.ok(!ribo.page.url().includes('#p='), 'the address no longer tells what is here');
  await ribo.idle(2500);
  await ribo.page.reload();
  await ribo.ready();
  const again = await ribo.until('the newer work', s => s.trainingHash && !s.job && s.records === '106');
  assert.equal(again.trainingUpdates, later.trainingUpdates);
  assert.equal(again.trainingHash, later.trainingHash);
});

test('a link with a changed learning rate replays the change', async world => {
  const ribo = await (await world.page()).open();
  await ribo.verb('example', {id: 'promoters'});
  await ribo.until('the promoters', s => s.records === '106');
  await ribo.verb('set_model', {cell: 'elman', hidden: 6});
  await ribo.press('train');
  await ribo.until('some updates', s => Number(s.trainingUpdates) > 20);
  await ribo.verb('set_train', {learning_rate: 0.002});
  const at = Number((await ribo.state()).trainingUpdates);
  await ribo.until('some more', s => Number(s.trainingUpdates) > at + 20 || s.trainingState === '3');
  if ((await ribo.state()).trainingState === '1') await ribo.press('train');
  const s = await ribo.settled();
  const {stdout, status, stderr} = await cli('open', await ribo.share(), '--replay', '--quiet');
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /learning_rate = 0.002/);
  assert.ok(stdout.includes(s.trainingHash));
});

test('damaged links say so and leave the work alone', async world => {
  const ribo = await trainedPromoters(world);
  const link = await ribo.share();
  const fragment = link.slice(link.indexOf('#'));
  const before = await ribo.settled();
  const middle = fragment.length >> 1;
  const damaged = [
    fragment.slice(0, -20),
    fragment.slice(0, middle) + (fragment[middle] === 'A' ? 'B' : 'A') + fragment.slice(middle + 1),
    '#p=',
    '#p=AAAA',
    '#nonsense',
    fragment.slice(0, 10) + '%20<script>alert(1)</script>',
  ];
  for (const bad of damaged) {
    const told = await ribo.says(`a message about ${bad.slice(0, 30)}`, s => s.severity === '2',
        () => ribo.page.evaluate(hash => { location.hash = hash; }, bad));
    assert.ok(told.status.length > 20, told.status);
    for (const key of ['summary', 'trainingHash', 'trainingUpdates', 'position']) assert.equal(told[key], before[key], `${key} after ${bad}`);
  }
  // The same, opened cold: the page still comes up, with the opening example.
  const cold = await (await world.page()).open(damaged[0]);
  const s = await cold.until('a message', now => now.status.length > 20);
  assert.ok(Number(s.length) > 0);
});
