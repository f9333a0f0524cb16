// End to end in a real Chromium: node tests/e2e/run.mjs [words of a test's name | its number]
// DIST: the built page (dist/). RIBOSTEP_CLI: the native program (build/native/ribostep).
import {run} from './harness.mjs';

await import('./test_page.mjs');
await import('./test_main_job.mjs');
await import('./test_workers.mjs');
await import('./test_sharing.mjs');
await import('./test_architectures.mjs');
await import('./test_bad_input.mjs');
await import('./test_files.mjs');
await import('./test_interruptions.mjs');
await import('./test_keyboard.mjs');
await import('./test_debugger.mjs');
await import('./test_machines.mjs');
await import('./test_screenshots.mjs');
await import('./test_speed.mjs');

process.exit(await run(process.argv.slice(2).join(' ')));
