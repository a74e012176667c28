import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../../electron/core/logger.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'logger-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await pause(10);
  }
}

it('writes JSON lines with errors as text, from the level on', async () => {
  const file = path.join(directory, 'logs', 'control-center.log');
  const logger = createLogger({ file, level: 'info' });
  logger.debug('not this');
  logger.warn('look', { error: new Error('boom'), id: 'w1' });
  await until(async () => (await stat(file).catch(() => null)) !== null);
  logger.flush();
  await until(async () => (await readFile(file, 'utf8')).endsWith('\n'));
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    msg: 'look',
    id: 'w1',
    error: expect.stringContaining('boom'),
  });
});

it('sets a large file aside at the start', async () => {
  const file = path.join(directory, 'c.log');
  await writeFile(file, 'x'.repeat(9 * 1024 * 1024));
  createLogger({ file, level: 'info' }).info('hello');
  expect((await stat(`${file}.1`)).size).toBeGreaterThan(8 * 1024 * 1024);
});

it('goes on without a file', async () => {
  await writeFile(path.join(directory, 'file'), '');
  const logger = createLogger({ file: path.join(directory, 'file', 'below', 'c.log'), level: 'info' });
  for (let i = 0; i < 100; i += 1) logger.error('x'.repeat(10_000));
  await pause(100);
  logger.flush();
});
