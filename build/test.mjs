// `npm test`: every gate in order, on a fresh clone too. Closes with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findChromium } from './chromium.mjs';
import { prepare, root } from './prepare.mjs';
import { notesOfPlaywright, readNotes } from './test-notes.mjs';

const results = path.join(root, 'test-results');
const bin = (name) =>
  path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);

const vitestNotes = path.join(results, 'vitest-notes.json');
const notes = [];
let passed = 0;
let failed = 0;

await prepare();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

gate('types', [bin('tsc'), '-b']);
gate('lint', [bin('biome'), 'check', '--error-on-warnings', '.']);
counted('unit, contract and conformance', 'vitest.json', readVitest, [
  bin('vitest'),
  'run',
  '--reporter=default',
  '--reporter=json',
  '--reporter=./build/test-notes.mjs',
  `--outputFile.json=${path.join(results, 'vitest.json')}`,
]);
notes.push(...readNotes(vitestNotes));
await web();
counted('desktop', 'desktop.json', readPlaywright, [
  process.execPath,
  path.join(root, 'build', 'test-desktop.mjs'),
]);

for (const { kind, note } of notes) {
  process.stdout.write(`${kind === 'flaky' ? 'FLAKY, passed at the second try' : 'FAILED'}: ${note}\n`);
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

async function web() {
  const chromium = await findChromium();
  if (chromium === null) {
    fail('web: no Chromium can be had; name one with CHROMIUM_PATH');
    return;
  }
  counted(
    'web',
    'web.json',
    readPlaywright,
    [bin('playwright'), 'test', '-c', 'tests/web/playwright.config.ts', '--reporter=list,json'],
    { CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: path.join(results, 'web.json') },
  );
}

/** A step that is one test: it passes or fails whole. */
function gate(name, command) {
  if (run(name, command) === 0) passed += 1;
  else fail(name);
}

/** A step that counts its own tests in a JSON report. A step without a report was skipped if it ended well. */
function counted(name, report, read, command, env = {}) {
  const status = run(name, command, env);
  const file = path.join(results, report);
  const counts = existsSync(file) ? read(JSON.parse(readFileSync(file, 'utf8'))) : { passed: 0, failed: 0 };
  passed += counts.passed;
  failed += counts.failed;
  // Ended badly without a failed test: the runner itself broke (a leak, a config error).
  if (status !== 0 && counts.failed === 0) fail(`${name} ended with status ${status}`);
}

function run(name, [command, ...args], env = {}) {
  process.stdout.write(`\n── ${name} ──\n`);
  const started = Date.now();
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      ENSEMBLE_PREBUILT: '1',
      ENSEMBLE_TEST_NOTES: vitestNotes,
      // Timing on a loaded machine is not what a run of everything is about.
      ENSEMBLE_TEST_RETRIES: '1',
      ...env,
    },
  });
  process.stdout.write(`── ${name}: ${Math.round((Date.now() - started) / 1000)} s ──\n`);
  return status;
}

function fail(what) {
  failed += 1;
  process.stdout.write(`FAILED: ${what}\n`);
}

function readVitest(report) {
  return { passed: report.numPassedTests, failed: report.numFailedTests };
}

function readPlaywright(report) {
  notes.push(...notesOfPlaywright(report));
  const { stats } = report;
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
}
