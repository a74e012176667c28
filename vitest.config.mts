import { defineConfig } from 'vitest/config';

const retry = Number(process.env['ENSEMBLE_TEST_RETRIES'] ?? 0);
const shared = { environment: 'node' as const, globalSetup: ['tests/setup/build-once.ts'], retry };

export default defineConfig({
  test: {
    projects: [
      // Property tests have much to do on a machine that is busy with something else.
      { test: { ...shared, name: 'unit', include: ['tests/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: { ...shared, name: 'contract', include: ['tests/contract/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'clients',
          include: ['tests/clients/**/*.test.ts'],
          // The first time, a Python environment is made in it.
          testTimeout: 420_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'conformance',
          include: ['tests/conformance/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
