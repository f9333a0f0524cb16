// Without seeing or touching the canvas: everything of the main job by Tab, Enter and typing.
import assert from 'node:assert/strict';
import {test, until} from './harness.mjs';
import {planted} from './specimens.mjs';

/** Presses Tab until the button of `verb` has the focus. */
async function tabTo(ribo, verb, key = 'Tab') {
  for (let i = 0; i < 60; ++i) {
    const at = await ribo.page.evaluate(() => document.activeElement?.dataset?.verb ?? document.activeElement?.id);
    if (at === verb) return;
    await ribo.page.keyboard.press(key);
  }
  assert.fail(`Tab does not reach ${verb}`);
}

test('the main job by keyboard and text alone', async world => {
  const ribo = await (await world.page()).open();
  assert.equal(await ribo.page.evaluate(() => document.activeElement.id), 'canvas');
  await tabTo(ribo, 'edit', 'Shift+Tab');
  assert.ok((await ribo.page.locator('#mirror').boundingBox()).height > 30, 'the controls show while they have the focus');
  await ribo.page.keyboard.press('Enter');
  await until('the text field', () => ribo.page.evaluate(() => document.activeElement?.id === 'editor-text'));
  await ribo.page.keyboard.press('Control+A');
  await ribo.page.keyboard.insertText(planted(14, 24));
  await tabTo(ribo, 'editor-ok');
  await ribo.page.keyboard.press('Enter');
  let s = await ribo.until('14 records', now => now.records === '14');
  assert.match(s.status, /14 sequences/);

  await tabTo(ribo, 'train', 'Shift+Tab');
  await ribo.page.keyboard.press('Enter');
  await ribo.until('training', now => Number(now.trainingUpdates) > 3);
  s = await ribo.state();
  if (s.trainingState === '1') await ribo.page.keyboard.press('Enter');
  await ribo.settled();
  assert.equal(await ribo.page.evaluate(() => document.activeElement.dataset.verb), 'train', 'the focus stays where it was');

  await tabTo(ribo, 'step_next');
  await ribo.page.keyboard.press('Enter');
  await ribo.page.keyboard.press('Enter');
  s = await ribo.until('two steps', now => now.position === '2' && now.sentence.startsWith('read '));
  assert.match(s.sentence, /^read [ACGT]: (unit \d+ (rose|fell)|no unit moved)/);
  assert.match(s.caption, /position 2 of 24/);
  assert.ok(s.table.length > 4 && s.table[0].includes('h after'));
  const live = await ribo.page.evaluate(() => document.getElementById('mirror-sentence').getAttribute('aria-live'));
  assert.equal(live, 'polite');
});
