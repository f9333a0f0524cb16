// Networks as state machines in a real page: a motif typed and compiled, node and unit in step, a link that opens
// the same, the check in the worker, and a language learned and taken out of the network again.
import assert from 'node:assert/strict';
import {Ribo, test, until} from './harness.mjs';

const BODY = 'ACGGCTATAAATGCATCGGATCCGTTTATATATGG';
const ENDS = [12, 33];  // of TATAWAW, by hand
const SEQUENCES = `>one\n${BODY}\n>two\n${'ACGT'.repeat(8)}\n`;

const section = (ribo, id) => ribo.frame.evaluate(name => {
  const part = document.querySelector(`#mirror-sections section[data-id="${name}"]`);
  if (!part) return null;
  return {
    text: part.textContent,
    rows: [...part.querySelectorAll('tr')].map(row => [...row.cells].map(cell => cell.textContent)),
  };
}, id);
const machineSays = (ribo, what, pattern, patience) =>
  until(what, async () => pattern.test((await section(ribo, 'machine'))?.text ?? ''), patience);

/** The state that a unit of the compiled network stands for. */
const unitName = async (ribo, unit) => (await section(ribo, 'machine_units'))?.rows.find(row => row[0] === unit)?.[1] ?? '';

async function command(ribo, words) {
  await ribo.page.keyboard.press('Control+K');
  await ribo.idle(200);
  await ribo.page.keyboard.type(words, {delay: 15});
  await ribo.idle(200);
  await ribo.page.keyboard.press('Enter');
  await ribo.idle(250);
}

/** A sequence, a motif typed into the Machine tab by keyboard, and the network it becomes. */
async function compiled(world) {
  const ribo = await (await world.page()).open();
  await ribo.paste(SEQUENCES);
  await ribo.until('two records', s => s.records === '2' && s.length === String(BODY.length));
  await ribo.page.focus('#canvas');
  await ribo.page.keyboard.press('m');
  await ribo.idle(300);
  await ribo.page.mouse.click(438, 518);  // the field of the pattern
  await ribo.idle(200);
  await ribo.page.keyboard.type('TATAWAW', {delay: 25});
  await ribo.idle(300);
  await machineSays(ribo, 'the smallest DFA', /TATAWAW: .*\d+ states in the smallest DFA/);
  await ribo.page.keyboard.press('Enter');
  await ribo.verb('machine', {mode: 'ends'});
  await machineSays(ribo, 'ends here', /in the smallest DFA/);
  await command(ribo, 'compile the machine');
  await machineSays(ribo, 'compiled', /Compiled, /);
  return ribo;
}

test('TATAWAW is typed, compiled and stepped: machine, units and outputs agree at every letter, and a link opens the same', async world => {
  const ribo = await compiled(world);
  await machineSays(ribo, 'lock-step', /agree all along/);
  await ribo.page.keyboard.press('Home');
  const told = [];
  for (let position = 0; position <= BODY.length; ++position) {
    if (position > 0) await ribo.page.keyboard.press('ArrowRight');
    await ribo.until(`position ${position}`, s => s.position === String(position));
    await machineSays(ribo, `machine at ${position}`, new RegExp(`At position ${position}: `));
    const line = /At position \d+: machine in (s\d+)[^,]*, (accepts|rejects); network in (s\d+)[^(]*\((unit \d+, h = [^)]*|all units off)\), (accepts|rejects)\./
        .exec((await section(ribo, 'machine')).text);
    assert.ok(line, (await section(ribo, 'machine')).text);
    assert.equal(line[1], line[3]);
    assert.equal(line[2], line[5]);
    // The unit that is on is the one that was named after the machine's state.
    const unit = /unit (\d+)/.exec(line[4]);
    if (unit) assert.match(await unitName(ribo, unit[1]), new RegExp(`^${line[1]}\\b`));
    assert.equal(line[2] === 'accepts', ENDS.includes(position), `position ${position}`);
    told.push(line[1]);
  }
  assert.ok(new Set(told).size >= 7, told.join(' '));
  await ribo.screenshot('machine');
  await ribo.verb('go_to', {position: 12});
  await ribo.until('position 12', s => s.position === '12');
  const text = (await section(ribo, 'machine')).text, hash = (await ribo.state()).trainingHash;
  const link = await ribo.share();
  const other = await (await world.page()).open(link.slice(link.indexOf('#')));
  await other.until('the same place', s => s.position === '12');
  await machineSays(other, 'the same machine', /Compiled, .*/);
  await machineSays(other, 'lock-step there', /agree all along/);
  assert.equal((await other.state()).trainingHash, hash);
  assert.equal(/At position 12: [^.]*\./.exec((await section(other, 'machine')).text)[0], /At position 12: [^.]*\./.exec(text)[0]);
});

test('the check proves the compiled network, and finds where a perturbed one errs', async world => {
  const ribo = await compiled(world);
  await ribo.verb('machine_check', {letters: 200_000});
  await machineSays(ribo, 'the check', /Check: .*Proved.*All agree on every string of up to 6 letters/s, 60_000);
  await ribo.verb('perturb', {deviation: 6, seed: 3});
  await machineSays(ribo, 'it is stale', /Check \(of other weights\)/);
  await machineSays(ribo, 'disagreements', /disagreements? along this sequence/);
  await ribo.verb('next_disagreement');
  await machineSays(ribo, 'at one of them', /they disagree/);
  await ribo.verb('machine_check', {letters: 20_000});
  await machineSays(ribo, 'a counterexample', /Check: .*network differs from the smallest DFA on [ACGT]/s, 60_000);
});

test('Tomita 4 is learned by a network, and a machine is got out of it', async world => {
  const ribo = await (await world.page()).open();
  await ribo.settled();
  await ribo.verb('machine', {language: 'tomita4'});
  await ribo.verb('machine_data', {records: 400, max_length: 16, seed: 1});
  await ribo.until('strings', s => s.records === '400');
  await ribo.verb('machine_recipe', {cell: 'gru'});
  await ribo.train(s => Number(s.trainingUpdates) > 200, 120_000);
  await ribo.verb('extract', {method: 'lstar'});
  await machineSays(ribo, 'a machine', /Extracted: a machine of \d+ states? that says the same as the network on \d+ of \d+/, 60_000);
  const words = (await section(ribo, 'machine')).text;
  assert.match(words, /it is the machine of Tomita 4 exactly|they differ on [01]+/);
  const table = (await section(ribo, 'extracted_machine')).rows;
  assert.deepEqual(table[0], ['State', '0', '1', 'Accepts']);
});
