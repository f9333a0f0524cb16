// The page by itself: it opens alive, keeps to its own address and its policy, rests when nothing happens, and says
// what is missing where it cannot run.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, symlinkSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {serve} from '../../web/dev/serve.mjs';
import {dist, pixels, test, until} from './harness.mjs';
import {colours} from './png.mjs';

test('opens alive: a trained example, a full picture, nothing from elsewhere', async world => {
  const ribo = await (await world.page()).open();
  const s = await ribo.until('a trained example', now => Number(now.trainingUpdates) > 0 && now.trainingHash && !now.job);
  assert.ok(Number(s.records) >= 20, `an example with many records, not ${s.records}`);
  assert.match(s.title, /Ribostep/);
  await ribo.page.keyboard.press('ArrowRight');
  await ribo.until('the first step', now => now.sentence.startsWith('read '));
  await ribo.idle();
  const shot = pixels(await ribo.page.screenshot());
  assert.ok(colours(shot) > 40, `a picture with ${colours(shot)} colours is nearly blank`);
  const origin = new URL(world.site).origin;
  assert.ok(ribo.requests.length > 5);
  // data: is the favicon that keeps the browser from asking for one.
  assert.deepEqual(ribo.requests.filter(url => new URL(url).origin !== origin && !url.startsWith('data:')), []);
});

test('an idle page draws nothing', async world => {
  const ribo = await (await world.page()).open();
  // The autosave comes due 1.5 s after the last change; after that nothing may move.
  await ribo.idle(2500);
  const drawn = () => ribo.page.evaluate(() => globalThis.ribostep.frames);
  const before = await drawn();
  await ribo.page.mouse.move(640, 300);
  await until('the mouse wakes the page', async () => (await drawn()) > before);
});

test('a tab hears a click that comes with the move', async world => {
  const ribo = await (await world.page()).open();
  await ribo.settled();
  await ribo.idle();
  const pane = {x: 330, y: 572, width: 900, height: 170};  // below the tabs Curves, Sequences, Results
  const before = pixels(await ribo.page.screenshot({clip: pane}));
  await ribo.page.mouse.click(446, 549);
  await ribo.idle(400);
  const after = pixels(await ribo.page.screenshot({clip: pane}));
  let different = 0;
  for (let y = 0; y < pane.height; ++y) for (let x = 0; x < pane.width; ++x) different += Number(before.at(x, y) !== after.at(x, y));
  assert.ok(different > 0.05 * pane.width * pane.height, `only ${different} pixels changed`);
});

test('works below a sub-path and inside a frame of another site', async world => {
  const folder = mkdtempSync(join(tmpdir(), 'ribostep-'));
  symlinkSync(dist, join(folder, 'course'));
  const host = await serve(folder, 0);
  const outer = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><iframe id="inner" allow="clipboard-write" width="1200" height="760" src="${host.url}course/index.html"></iframe>`);
  });
  await new Promise(done => outer.listen(0, '127.0.0.1', done));
  try {
    const ribo = await world.page();
    await ribo.page.goto(`http://localhost:${outer.address().port}/`);
    ribo.frame = await until('the frame', () => ribo.page.frames().find(f => f.url().includes('/course/')));
    await ribo.ready();
    const before = Number((await ribo.state()).position);
    // The middle of the tracks; a click moves the cursor there and gives the keys to the canvas.
    await ribo.page.mouse.click(600, 300);
    await ribo.page.keyboard.press('Home');
    await ribo.until('Home', s => s.position === '0');
    await ribo.page.keyboard.press('ArrowRight');
    await ribo.until('one step', s => s.position === '1');
    assert.ok(before >= 0);
    assert.ok(ribo.requests.filter(url => url.includes('/assets/')).every(url => url.includes('/course/assets/')));
  } finally {
    await world.close();
    outer.close();
    await host.close();
    rmSync(folder, {recursive: true});
  }
});

test('says so where WebGL 2 is missing', async world => {
  const ribo = await world.page({}, ['--disable-3d-apis']);
  world.allow(/WebGL/);
  await ribo.page.goto(world.site);
  const told = await until('the message', async () => {
    const text = await ribo.page.textContent('#loading-text');
    return /WebGL 2/.test(text) && text;
  });
  assert.match(told, /not available/);
  assert.ok(await ribo.page.isVisible('#loading-text'));
});
