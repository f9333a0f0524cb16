// The main job by real events: paste, choose a cell, train, step, and compare every number on the way out with the
// native program's.
import assert from 'node:assert/strict';
import {cli, pixels, Ribo, test} from './harness.mjs';
import {block} from './png.mjs';
import {planted} from './specimens.mjs';
import {rows} from './tables.mjs';

const ACCENT = 0x0a6a66;  // theme.cpp, light: the colour of the one primary button
const TEXT = 0x16202a;    // its text
const LEFT_PANE = 320;    // CSS pixels

/** Clicks the primary button of the left pane (Train, Pause or Go on) where it stands in the picture. */
async function clickTrain(ribo) {
  const picture = pixels(await ribo.page.screenshot({clip: {x: 0, y: 0, width: LEFT_PANE, height: 800}}));
  const box = block(picture, ACCENT, 40);
  assert.ok(box, 'the Train button is on screen');
  await ribo.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await ribo.page.mouse.down();
  await ribo.page.mouse.up();
}

/** Where the drop-down lists of the left pane have their arrows, from top to bottom: no letter is that wide. */
function lists(picture) {
  const found = [];
  for (let y = 60; y < picture.height; ++y) {
    let run = 0;
    for (let x = 240; x < LEFT_PANE; ++x) {
      run = picture.at(x, y) === TEXT ? run + 1 : 0;
      if (run < 8) continue;
      if (!found.length || y - found.at(-1).y > 12) found.push({x: x - 4, y});
      break;
    }
  }
  return found;
}

/** Opens the third list (labels from, predicts, cell) and clicks down its entries until the network is `cell`. */
async function chooseCell(ribo, cell) {
  const {mouse} = ribo.page;
  const [, , arrow] = lists(pixels(await ribo.page.screenshot()));
  assert.ok(arrow, 'the list of cells is on screen');
  const click = async (x, y) => {
    await mouse.move(x, y);
    await mouse.down();
    await mouse.up();
  };
  for (let entry = 0; entry < 8; ++entry) {
    await click(arrow.x, arrow.y);
    await ribo.idle(200);
    await click(arrow.x - 60, arrow.y + 26 + 16 * entry);
    await ribo.idle(200);
    if ((await ribo.state()).modelCell === cell) return;
  }
  assert.fail(`${cell} could not be chosen with the mouse`);
}

test('paste, train, step, share: the numbers are those of the command line', async world => {
  const ribo = await (await world.page()).open();
  await ribo.paste(planted(20, 30));
  let s = await ribo.until('20 records are read', now => now.records === '20');
  assert.match(s.summary, /^20 sequences, DNA, 30 letters each, 2 classes \(10 \/ 10\)/);

  await ribo.verb('set_model', {cell: 'gru'});
  await ribo.until('a GRU', now => now.modelCell === 'gru');
  await ribo.idle(300);
  await chooseCell(ribo, 'lstm');

  // By the button on the canvas, then by the mirror's.
  await clickTrain(ribo);
  await ribo.until('training has begun', now => Number(now.trainingUpdates) > 0);
  const halved = now => Number(now.trainingLoss) < Number(now.trainingFirstLoss) / 2;
  await ribo.until('some epochs', now => Number(now.trainingUpdates) > 10);
  await clickTrain(ribo);
  s = await ribo.settled();
  // One run of 60 epochs is 60 updates here; Train goes on from there.
  while (!halved(s) && Number(s.trainingUpdates) < 200) s = await ribo.train(halved);
  assert.ok(Number(s.trainingUpdates) <= 200, `${s.trainingUpdates} updates`);
  assert.ok(halved(s), `loss ${s.trainingFirstLoss} -> ${s.trainingLoss}`);

  await ribo.page.focus('#canvas');
  await ribo.page.keyboard.press('Home');
  await ribo.until('Home', now => now.position === '0');
  for (let i = 1; i <= 10; ++i) {
    await ribo.page.keyboard.press('ArrowRight');
    await ribo.until(`position ${i}`, now => now.position === String(i));
  }
  s = await ribo.settled();
  const link = await ribo.share();
  const {stdout, stderr, status} = await cli('step', link, '--quiet');
  assert.equal(status, 0, stderr);
  const row = rows(stdout)[9];
  const shown = Ribo.hidden(s);
  assert.ok(shown.length >= 4 && shown.some(h => Number(h) !== 0));
  shown.forEach((h, unit) => assert.equal(h, row[`l0.h[${unit}]`], `h of unit ${unit} at position 10`));
});

test('cross-validation from the page and from the command line give one figure', async world => {
  const ribo = await (await world.page()).open();
  await ribo.verb('example', {id: 'promoters'});
  await ribo.until('the promoters', s => s.records === '106');
  await ribo.verb('set_model', {cell: 'gru', hidden: 8, directions: 'both', pool: 'max'});
  await ribo.verb('set_train', {max_epochs: 8, optimiser: 'adamw'});
  await ribo.until('the model', s => s.modelHidden === '8' && s.modelPool === 'max');
  await ribo.press('cross_validate');
  const s = await ribo.until('the figure', now => now.crossValidation && !now.job, 60_000);
  const page = JSON.parse(s.crossValidation);
  const {stdout, stderr, status} = await cli('cv', '--example', 'promoters', '--cell', 'gru', '--hidden', '8', '--both', '--pool', 'max',
      '--optimiser', 'adamw', '--epochs', '8', '--folds', '10', '--fold-seeds', '1', '--json', '--quiet');
  assert.equal(status, 0, stderr);
  const native = JSON.parse(stdout);
  assert.equal(page.n, 106);
  assert.ok(page.correct > 53, `${page.correct} of 106 is no better than chance`);
  assert.deepEqual([page.n, page.correct, page.confusion], [native.n, native.correct, native.confusion]);
  assert.ok(page.baselines.length >= 3, 'baselines stand beside it');
});
