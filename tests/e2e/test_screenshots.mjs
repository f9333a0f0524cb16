// The screen at the sizes people have, kept in build/screenshots to be looked at; here only what a program can see:
// the picture fills the window and is not blank.
import assert from 'node:assert/strict';
import {pixels, test} from './harness.mjs';
import {colours} from './png.mjs';

const SIZES = [
  ['light-1280x800', {viewport: {width: 1280, height: 800}, colorScheme: 'light'}],
  ['dark-1920x1080', {viewport: {width: 1920, height: 1080}, colorScheme: 'dark'}],
  ['phone-390x844', {viewport: {width: 390, height: 844}, colorScheme: 'light', hasTouch: true, isMobile: true, deviceScaleFactor: 2}],
  ['sharp-1280x800', {viewport: {width: 1280, height: 800}, colorScheme: 'dark', deviceScaleFactor: 2}],
];

for (const [name, options] of SIZES) {
  test(`screen ${name}`, async world => {
    const ribo = await (await world.page(options)).open();
    await ribo.verb('go_to', {position: 12});
    await ribo.until('position 12', s => s.position === '12' && !s.job && s.trainingHash);
    await ribo.idle(700, 60_000);
    const shot = pixels(await ribo.screenshot(name));
    assert.ok(colours(shot) > 40, `${colours(shot)} colours`);
    const canvas = await ribo.page.evaluate(() => {
      const c = /** @type {HTMLCanvasElement} */ (document.getElementById('canvas'));
      return [c.width, c.height, c.clientWidth * devicePixelRatio, c.clientHeight * devicePixelRatio];
    });
    assert.equal(canvas[0], canvas[2]);
    assert.equal(canvas[1], canvas[3]);
    // A corner of the status bar, inside the focus ring.
    const inside = 8 * (options.deviceScaleFactor ?? 1);
    const bright = ((shot.at(inside, shot.height - inside) >> 8) & 255) > 128;
    assert.equal(bright, options.colorScheme === 'light', 'light and dark follow the system');
  });
}
