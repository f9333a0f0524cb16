// Every family of architectures in the page: links that are kept for ever train again to their senders' bits and step
// to the numbers of the native program; the form of the text mirror reaches the choices, and what it makes trains.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {cli, Ribo, root, test} from './harness.mjs';

const FAMILIES = ['dilated_coupled_lstm', 'circular_gru', 'two_level_windows', 'codons_embedded', 'initial_by_class',
  'encoder_strands', 'series_next_vector'];

const fragment = name => {
  const text = readFileSync(join(root, 'tests/links', `${name}.txt`), 'utf8').trim();
  return text.slice(text.indexOf('#'));
};

for (const name of FAMILIES.map(family => `${family}_1`)) {
  test(`the link ${name} trains again to its sender's bits and steps to native numbers`, async world => {
    const link = world.site + fragment(name);
    const ribo = await (await world.page()).open(link);
    const found = await ribo.until('replayed', s => s.trainingHash && !s.job && /replayed/.test(s.status));
    assert.match(found.status, /bit for bit/);
    await ribo.verb('go_to', {position: 5});
    const at = await ribo.until('position 5', s => s.position === '5' && s.table.length > 2);
    const {stdout, status, stderr} = await cli('step', link, '--json', '--from', '5', '--to', '5', '--quiet');
    assert.equal(status, 0, stdout + stderr);
    const native = JSON.parse(stdout);
    assert.equal(native.weights, found.trainingHash);
    const hidden = Ribo.hidden(at).map(Number);
    assert.ok(hidden.length > 0);
    assert.ok(native.positions[0].layers.some(layer => JSON.stringify(layer.h) === JSON.stringify(hidden)),
      `${JSON.stringify(hidden)} is no layer of ${JSON.stringify(native.positions[0].layers)}`);
  });
}

const CHOICES = [
  [['cell', 'lstm_bounded_coupled'], ['initial', 'learned'], ['circular', 'two_pass']],
  [['circular', 'linear'], ['cell', 'gru'], ['layers', '2'], ['dilations', '1, 4'], ['layer_norm', true], ['directions', 'strands_tied']],
  [['directions', 'forward'], ['input', 'codons'], ['embedding', '3'], ['dilations', '1, 1'], ['window', '4'], ['window_summary', 'mean']],
];

test('the form of the text mirror chooses wirings, states and inputs; what it makes trains and travels', async world => {
  const ribo = await (await world.page()).open();
  await ribo.verb('example', {id: 'promoters'});
  await ribo.until('the promoters', s => s.records === '106');
  await ribo.verb('set_model', {hidden: 5, pool: 'mean'});
  await ribo.verb('set_train', {max_epochs: 2});
  for (const choices of CHOICES) {
    for (const [key, value] of choices) {
      const control = ribo.page.locator(`[data-choice="set_model-${key}"]`).first();
      await control.waitFor({state: 'attached'});
      await control.evaluate((element, to) => {
        if (element.type === 'checkbox') element.checked = to;
        else element.value = to;
        element.dispatchEvent(new Event('change'));
      }, value);
      await ribo.until(`${key} is ${value}`, async () => control.evaluate(
        (element, to) => (element.type === 'checkbox' ? element.checked === to : element.value === to), value));
      await ribo.idle(300);
    }
    const s = await ribo.train(() => false);
    assert.ok(Number(s.trainingUpdates) >= 10, s.trainingUpdates);
    const link = await ribo.share();
    const {stdout, status, stderr} = await cli('open', link, '--replay', '--quiet');
    assert.equal(status, 0, stdout + stderr);
    assert.ok(stdout.includes(s.trainingHash), stdout);
    for (const [key, value] of choices) {
      const project = JSON.parse((await cli('export', link, '--what', 'project', '--quiet')).stdout || '{}');
      if (['linear', 'forward', '1, 1'].includes(value)) continue;  // what a document leaves out
      const kept = project.model[key];
      assert.equal(Array.isArray(kept) ? kept.join(', ') : String(kept ?? ''), String(value), `${key} in the link`);
    }
  }
});
