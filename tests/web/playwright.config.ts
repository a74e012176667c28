import { existsSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from '@playwright/test';

const chromium = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find(
  (candidate) => candidate !== undefined && existsSync(candidate),
);
const root = path.resolve(__dirname, '../..');

export default defineConfig({
  testDir: __dirname,
  outputDir: path.join(root, 'test-results/web'),
  globalSetup: path.join(__dirname, 'build-once.ts'),
  reporter: [['list']],
  timeout: 60_000,
  // What passed only at the second try is named at the end of `npm test`.
  retries: Number(process.env['ENSEMBLE_TEST_RETRIES'] ?? 0),
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: true,
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
});
