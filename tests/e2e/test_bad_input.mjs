// What is not a data set: each a clear message, and what was there before is still there.
import assert from 'node:assert/strict';
import {test} from './harness.mjs';
import {dice, letters, planted} from './specimens.mjs';

const KEPT = ['summary', 'trainingHash', 'trainingUpdates', 'position', 'caption', 'values'];

async function withData(world) {
  const ribo = await (await world.page()).open();
  await ribo.paste(planted(20, 30));
  await ribo.until('20 records', s => s.records === '20');
  await ribo.press('train_once');
  await ribo.until('one update', s => s.trainingUpdates === '1');
  await ribo.page.keyboard.press('ArrowRight');
  await ribo.until('position 1', s => s.position === '1');
  return ribo;
}

/** `act` must be answered by an error and change nothing. */
async function refused(ribo, what, wanted, act) {
  const before = await ribo.settled();
  const told = await ribo.says(what, s => s.severity === '2', act);
  assert.match(told.status, wanted, what);
  for (const key of KEPT) assert.deepEqual(told[key], before[key], `${key} after ${what}`);
}

test('empty, binary and meaningless input is refused with a reason', async world => {
  const ribo = await withData(world);
  const roll = dice(5);
  await refused(ribo, 'a paste of blank lines', /./, () => ribo.paste(' \n\n  \n'));
  await refused(ribo, 'an empty file', /./, () => ribo.choose({name: 'empty.fa', mimeType: 'text/plain', buffer: Buffer.alloc(0)}));
  const noise = Buffer.from(Array.from({length: 5000}, () => roll(256)));
  await refused(ribo, 'a binary file', /binary|text/i, () => ribo.choose({name: 'photo.png', mimeType: 'image/png', buffer: noise}));
  await refused(ribo, 'digits and signs only', /./, () => ribo.paste('>r1 label=x\n1234 5678 @@##\n'));
  await refused(ribo, 'headers without letters', /./, () => ribo.paste('>a label=x\n>b label=y\n'));
  await refused(ribo, 'a project of another kind', /./, () => ribo.paste('{"ribostep": 99, "model": {"hidden": 1e9}}'));
  await refused(ribo, '1 MB of one line without meaning', /./, () => ribo.paste('0123456789'.repeat(100_000)));
});

test('a web page as text stays text', async world => {
  const ribo = await withData(world);
  await ribo.paste('<!doctype html><html><body onload="document.title=\'hacked\'"><img src=x onerror="document.title=\'hacked\'"><p>hello</p></body></html>');
  await ribo.until('an answer', s => s.status && s.severity !== '0');
  await ribo.paste('>"><img/src=x/onerror=document.title="hacked"> label=<b>x</b>\nACGTACGT\n><script>document.title="hacked"</script> label=y\nACGTTGCA\n');
  const s = await ribo.until('two records', now => now.records === '2');
  assert.ok(s.caption.includes('<img/src=x'), s.caption);
  assert.equal(await ribo.page.locator('#mirror img, #mirror script, #mirror b').count(), 0);
  assert.ok(!s.title.includes('hacked'));
});

test('odd but readable input is read, with what is odd about it', async world => {
  const ribo = await withData(world);
  const roll = dice(9);
  const read = (what, wanted, text) => ribo.says(what, wanted, () => ribo.paste(text));

  let s = await read('some unknown letters', now => now.records === '2', '>a label=x\nACGTJJ!ACGT\n>b label=y\nACGTACGTA\n');
  assert.equal(s.severity, '1', s.status);

  s = await read('one record', now => now.records === '1', '>only label=x\nACGTACGTACGTAAA\n');
  assert.match(s.summary, /^1 sequence/);
  s = await read('labels missing', now => now.records === '3', '>a\nACGTACGTACGT\n>b\nTTGTACGTACGA\n>c\nACGTACGGGGG\n');
  assert.match(s.summary, /no labels/);
  assert.equal(s.modelTask, 'next', 'without labels the next letter can be learned');
  await ribo.press('train_once');
  await ribo.until('one update', now => now.trainingUpdates === '1');
  await ribo.verb('set_model', {task: 'sequence'});
  s = await ribo.until('an answer', now => now.modelTask === 'next' || now.severity === '2' || now.modelTask === 'sequence');
  if (s.modelTask === 'sequence') {
    s = await ribo.says('why it cannot be trained', now => now.severity === '2', () => ribo.press('train'));
    assert.match(s.status, /label/);
  }

  s = await read('1 MB in one line', now => now.records === '1', letters(1_000_000, roll));
  assert.match(s.summary, /1000000|1,000,000/);
  // All of it can be taken back, step by step.
  await ribo.page.keyboard.press('Control+Z');
  await ribo.until('the three without labels are back', now => now.records === '3');
});
