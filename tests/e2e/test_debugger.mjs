// The debugger by real mouse and keyboard: a breakpoint on a motif, letters changed and taken back, a weight that is
// dragged, a pin that travels in a link, an attribution that adds up, an earlier update, and Back.
import assert from 'node:assert/strict';
import {Ribo, test, until} from './harness.mjs';

const MOTIF = 'TTGACA';
const BODY = 'ACGGCTAGCATCGGATCCGTTGACATTCGGCATGCAGGCTAACGGCTTGACAGGCATCCG';
const SEQUENCES = `>one label=a\n${BODY}\n>two label=b\n${[...BODY].reverse().join('')}\n`;

/** Lines, controls and table of a part of the text mirror. */
const section = (ribo, id) => ribo.frame.evaluate(name => {
  const part = document.querySelector(`#mirror-sections section[data-id="${name}"]`);
  if (!part) return null;
  return {
    text: part.textContent,
    rows: [...part.querySelectorAll('tr')].map(row => [...row.cells].map(cell => cell.textContent)),
  };
}, id);

async function loaded(world) {
  const ribo = await (await world.page()).open();
  await ribo.paste(SEQUENCES);
  await ribo.until('two records', s => s.records === '2' && s.length === String(BODY.length));
  await ribo.page.focus('#canvas');
  return ribo;
}

async function keys(ribo, ...pressed) {
  for (const key of pressed) {
    await ribo.page.keyboard.press(key);
    await ribo.idle(120);
  }
}

/** Through the command palette, as a person would look something up. */
async function command(ribo, words) {
  await ribo.page.keyboard.press('Control+K');
  await ribo.idle(200);
  await ribo.page.keyboard.type(words, {delay: 15});
  await ribo.idle(200);
  await ribo.page.keyboard.press('Enter');
  await ribo.idle(250);
}

/** The bits of every state of the top layer, position by position. */
async function states(ribo, positions) {
  const found = [];
  for (const position of positions) {
    await ribo.verb('go_to', {position});
    const s = await ribo.until(`position ${position}`, now => now.position === String(position) && now.table.length > 2 &&
        now.caption.includes(`position ${position} `));
    found.push(Ribo.hidden(s).join(' '));
  }
  return found;
}

test('a breakpoint on a motif, typed and run into by keyboard, stops where the motif has been read', async world => {
  const ribo = await loaded(world);
  await keys(ribo, 'Home', 'b');
  await ribo.page.keyboard.type(`seq ~ ${MOTIF}`, {delay: 15});
  await ribo.idle(200);
  await keys(ribo, 'Enter');
  await until('the condition is listed', async () => (await section(ribo, 'conditions'))?.text.includes(`Remove seq ~ ${MOTIF}`));
  assert.match((await section(ribo, 'conditions')).text, /2 hits/);
  await keys(ribo, 'Escape', 'Escape', 'Home');
  const hits = [...BODY.matchAll(new RegExp(MOTIF, 'g'))].map(m => m.index + MOTIF.length);
  assert.equal(hits.length, 2);
  for (const hit of hits) {
    await ribo.page.keyboard.press('Space');
    await ribo.until(`stops at ${hit}`, s => s.position === String(hit) && s.sentence !== 'running', 30_000);
    await ribo.idle(300);
    assert.equal((await ribo.state()).position, String(hit));
  }
  await keys(ribo, '[');
  await ribo.until('the hit before', s => s.position === String(hits[0]));
  await keys(ribo, ']');
  await ribo.until('the next hit', s => s.position === String(hits[1]));
});

test('a letter typed over changes only what follows, and undo brings back the bits', async world => {
  const ribo = await loaded(world);
  const places = [5, 19, 20, 21, 40, 59];
  const before = await states(ribo, places);
  await ribo.verb('go_to', {position: 20});
  await ribo.until('position 20', s => s.position === '20');
  await keys(ribo, 'e');
  const letter = BODY[19] === 'A' ? 'c' : 'a';
  await ribo.page.keyboard.type(letter);
  await until('the letter is changed', async () => /1 letter changed/.test((await section(ribo, 'edits'))?.text ?? ''));
  await keys(ribo, 'Escape');
  const after = await states(ribo, places);
  assert.deepEqual(after.slice(0, 2), before.slice(0, 2), 'what was read before stays');
  for (let i = 2; i < places.length; ++i) assert.notEqual(after[i], before[i], `position ${places[i]} follows the change`);
  await keys(ribo, 'Control+Z');
  await until('undone', async () => /read as it was given/.test((await section(ribo, 'edits'))?.text ?? ''));
  assert.deepEqual(await states(ribo, places), before);
});

test('a weight that is dragged changes the output while the button is down', async world => {
  const ribo = await loaded(world);
  await ribo.verb('go_to', {position: 30});
  await ribo.until('position 30', s => s.position === '30' && s.table.length > 2);
  const output = async () => (await ribo.state()).values.slice(-2).map(row => row[2]).join(' ');
  await command(ribo, 'front: weights');
  const before = await output();
  const {mouse} = ribo.page;
  await mouse.move(760, 690);
  await mouse.down();
  await mouse.move(760, 640, {steps: 4});
  await until('the output follows', async () => (await output()) !== before);
  const halfway = await output();
  await mouse.move(760, 600, {steps: 4});
  await until('and goes on to follow', async () => ![before, halfway].includes(await output()));
  await mouse.up();
  await ribo.idle(300);
  await ribo.page.focus('#canvas');
  await keys(ribo, 'Control+Z');
  await until('one undo takes the whole drag back', async () => (await output()) === before);
});

test('a pinned comparison survives the link', async world => {
  const ribo = await loaded(world);
  await ribo.verb('go_to', {position: 17});
  await ribo.until('position 17', s => s.position === '17');
  await keys(ribo, 'p');
  await until('pinned', async () => /compared with position 17 of one/.test((await section(ribo, 'compare'))?.text ?? ''));
  await ribo.verb('mutate', {position: 12, letter: BODY[11] === 'G' ? 'T' : 'G'});
  const told = await until('a difference', async () => {
    const found = await section(ribo, 'compare');
    return found?.rows.length > 1 ? found.rows.slice(1) : null;
  });
  assert.ok(told.some(row => Number(row.at(-1).replace('−', '-')) !== 0), JSON.stringify(told));
  const link = await ribo.share();
  const guest = await (await world.page()).open(link);
  const there = await until('the pin in the other page', async () => {
    const found = await section(guest, 'compare');
    return found?.rows.length > 1 && found.rows;
  });
  assert.deepEqual(there.slice(1), told);
  assert.match((await section(guest, 'compare')).text, /compared with position 17 of one/);
});

test('an attribution prints its residual, and the sum from left to right is exact', async world => {
  const ribo = await loaded(world);
  await ribo.train(s => Number(s.trainingUpdates) >= 20);
  await ribo.verb('attribute', {method: 'left_to_right'});
  const found = await until('the residual', async () => {
    const part = await section(ribo, 'attributions') ?? await section(ribo, 'attribution');
    return /residual/.test(part?.text ?? '') && part;
  }, 60_000);
  const number = /sum ([-+−\d.e]+), f\(x\) - f\(x0\) = ([-+−\d.e]+), residual ([\d.e-]+) %/.exec(found.text);
  assert.ok(number, found.text);
  const [sum, difference, residual] = number.slice(1).map(text => Number(text.replace('−', '-')));
  assert.ok(Math.abs(sum) > 1e-4, 'there is something to attribute');
  assert.ok(Math.abs(sum - difference) <= 1e-4 * Math.abs(sum) + 1e-4, `sum ${sum}, difference ${difference}, as written`);
  assert.ok(residual < 1e-4, `a residual of ${residual} % is more than rounding`);
  assert.ok(found.rows.length > 3, 'the top positions are listed');
});

test('an earlier update is looked at and left again; the curve behind it stays', async world => {
  const ribo = await loaded(world);
  const trained = await ribo.train(s => Number(s.trainingUpdates) >= 20);
  const [now] = await states(ribo, [30]);
  await ribo.page.focus('#canvas');
  await keys(ribo, 'PageUp', 'PageUp');
  await until('an earlier update is shown', async () => /showing update/.test((await section(ribo, 'runs') ?? await section(ribo, 'history'))?.text ?? ''));
  const [then] = await states(ribo, [30]);
  assert.notEqual(then, now);
  await ribo.verb('leave_visit');
  await until('the present again', async () => (await states(ribo, [30]))[0] === now);
  assert.equal((await ribo.state()).trainingUpdates, trained.trainingUpdates);
});

test('Back undoes a jump and steps nowhere else', async world => {
  const ribo = await loaded(world);
  await ribo.verb('go_to', {position: 40});
  await ribo.until('position 40', s => s.position === '40' && s.table.length > 2);
  const address = ribo.page.url();
  await ribo.verb('origin_of', {what: 'gate', gate: 'f', layer: 0, unit: 0});
  // Three hops along what the state before gave to the forget gate, each a step back in time.
  for (let position = 39; position > 36; --position) {
    const term = await until(`a term from position ${position}`, async () => {
      const rows = (await section(ribo, 'origin'))?.rows.slice(1) ?? [];
      const at = rows.findIndex(row => row.at(-1).includes(`position ${position}`));
      return at < 0 ? null : {at};
    });
    await ribo.verb('follow', {term: term.at});
    await ribo.until(`a hop to ${position}`, s => s.position === String(position));
    await ribo.verb('origin_of', {what: 'gate', gate: 'f', layer: 0, unit: 0});
  }
  assert.equal(ribo.page.url(), address, 'a jump is no part of the address');
  const seen = [];
  for (let i = 0; i < 8 && seen.at(-1) !== '40'; ++i) {
    await ribo.page.goBack();
    await ribo.idle(250);
    seen.push((await ribo.state()).position);
  }
  assert.equal(seen.at(-1), '40', `Back went to ${seen}`);
  assert.deepEqual([...seen].sort((a, b) => a - b), seen, 'from each place to the one before');
  assert.equal(ribo.page.url(), address);
});
