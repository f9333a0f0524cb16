// Files in and text out: picker, drop, 20 MB without freezing, copy.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {cli, test, until} from './harness.mjs';
import {bigFasta, planted} from './specimens.mjs';

test('files come in by the picker and by dropping, text goes out by copying and saving', async world => {
  const ribo = await (await world.page()).open();
  await ribo.choose({name: 'twelve.fa', mimeType: 'text/plain', buffer: Buffer.from(planted(12, 24))});
  let s = await ribo.until('12 records from the picker', now => now.records === '12');
  assert.match(s.status, /twelve\.fa/);
  await ribo.drop('labels.tsv', 'x\tACGTACGT\ny\tTTTTACGT\nx\tACGTCCGT\ny\tTTATACGT\n');
  s = await ribo.until('4 records from the drop', now => now.records === '4');
  assert.match(s.summary, /2 classes \(2 \/ 2\)/);
  assert.ok(await ribo.page.isHidden('#drop'));

  await ribo.page.focus('#canvas');
  await ribo.page.keyboard.press('Control+C');
  const copied = await until('the copy', async () => {
    const text = await ribo.clipboard();
    return text.startsWith('>') && text;
  });
  assert.match(copied, />.*\nACGTACGT\n/);

  const download = ribo.page.waitForEvent('download');
  await ribo.press('export_project');
  const path = await (await download).path();
  assert.equal(JSON.parse(await readFile(path, 'utf8')).ribostep, 1);
  const opened = await cli('open', path, '--quiet');
  assert.equal(opened.status, 0, opened.stderr);
  const again = await (await world.page()).open();
  await again.choose(path);
  const back = await again.until('the saved project', now => now.records === '4');
  assert.equal(back.trainingHash, s.trainingHash);
});

/**
 * The tasks of the page's main thread in a trace, longest first, in ms of its own work: with software drawing a frame
 * also waits some 60 ms for the picture, which a graphics card takes off its hands.
 */
function busiest(trace) {
  const events = JSON.parse(trace.toString()).traceEvents;
  const main = new Set(events.filter(e => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map(e => `${e.pid} ${e.tid}`));
  return events.filter(e => e.name === 'RunTask' && main.has(`${e.pid} ${e.tid}`)).map(e => Math.round((e.tdur ?? e.dur) / 1000)).sort((a, b) => b - a);
}

test('20 MB of FASTA load without freezing the page, and can be cancelled', async world => {
  const folder = mkdtempSync(join(tmpdir(), 'ribostep-'));
  const file = join(folder, 'big.fa');
  const text = bigFasta(20e6);
  writeFileSync(file, text);
  const records = text.split('\n>').length;
  try {
    const ribo = await world.page();
    await ribo.open();
    await ribo.idle();
    const before = await ribo.state();
    // Reading takes about a second: the button is pressed the moment it can be, and every line of progress is kept.
    await ribo.page.evaluate(() => {
      const line = document.getElementById('mirror-job');
      globalThis.jobs = [];
      globalThis.cancelNext = true;
      new MutationObserver(() => {
        if (!/reading/.test(line.textContent)) return;
        globalThis.jobs.push(line.textContent);
        if (globalThis.cancelNext) document.querySelector('[data-verb="cancel"]').click();
        globalThis.cancelNext = false;
      }).observe(line, {childList: true, characterData: true, subtree: true});
    });
    await ribo.choose(file);
    let s = await ribo.until('cancelled', now => now.job === '' && /cancelled/.test(now.status));
    assert.equal(s.summary, before.summary);
    await ribo.idle();

    await ribo.page.evaluate(() => { globalThis.jobs.length = 0; });
    const browser = ribo.page.context().browser();
    await browser.startTracing(ribo.page, {categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata']});
    const started = Date.now();
    await ribo.choose(file);
    s = await ribo.until('all records', now => now.records === String(records) && now.job === '', 60_000);
    const seconds = (Date.now() - started) / 1000;
    await ribo.page.waitForTimeout(1500);  // the autosave of the new set belongs to it
    const tasks = busiest(await browser.stopTracing());
    const progress = await ribo.page.evaluate(() => globalThis.jobs);
    assert.ok(progress.length >= 1 && progress.every(line => /reading big\.fa, \d+ %/.test(line)), progress.join('; '));
    console.log(`      20 MB, ${records} records in ${seconds.toFixed(1)} s; longest tasks of the page, ms of CPU: ${tasks.slice(0, 5).join(', ')}`);
    // Copies of 20 MB between page, program, worker and storage remain; parsing here would be one task of a second.
    assert.ok(tasks[0] < 150, `a task of ${tasks[0]} ms`);
  } finally {
    rmSync(folder, {recursive: true});
  }
});
