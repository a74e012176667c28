import path from 'node:path';
import { defineConfig } from '@playwright/test';

const results = path.resolve('test-results');

/** One real Electron at a time: they share the screen, the tray and the notifications. */
export default defineConfig({
  testDir: '.',
  outputDir: path.join(results, 'desktop'),
  workers: 1,
  timeout: 180_000,
  // What passed only at the second try is named at the end of `npm test`.
  retries: Number(process.env['ENSEMBLE_TEST_RETRIES'] ?? 0),
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: path.join(results, 'desktop.json') }]],
  globalSetup: './support/prepare.ts',
});
