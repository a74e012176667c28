import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostMetrics, systemSource } from '../../../electron/core/gpu/host-metrics.ts';
import { GpuInventory, type SmiCommand } from '../../../electron/core/gpu/inventory.ts';
import { type Clock, silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { createRunCommand, type RunCommand } from '../../../electron/core/programs/run-command.ts';

let directory = '';
let inventory: GpuInventory | null = null;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'smi-'));
});
afterEach(async () => {
  inventory?.stop();
  await rm(directory, { recursive: true, force: true });
});

const file = () => path.join(directory, 'mood');
const mood = (text: string) => writeFileSync(file(), text);
const calls = (kind: string) =>
  existsSync(`${file()}.calls`)
    ? readFileSync(`${file()}.calls`, 'utf8')
        .split('\n')
        .filter((line) => line === kind).length
    : 0;

/** Time runs 20 times as fast for pauses and watchdogs, so that a 5 s limit is met in a quarter of a second. */
const fastClock: Clock = {
  now: () => Date.now() * 20,
  after: (ms, callback) => systemClock.after(ms / 20, callback),
};
const impatient: RunCommand = (line, args, options) =>
  createRunCommand()(line, args, {
    ...options,
    timeoutMs: options.timeoutMs === 5_000 ? 1_500 : options.timeoutMs,
  });

function make(more: { locate?: () => Promise<SmiCommand | null>; clock?: Clock } = {}): GpuInventory {
  inventory = new GpuInventory({
    clock: more.clock ?? systemClock,
    logger: silentLogger,
    locate:
      more.locate ??
      (async () => ({
        command: [process.execPath, path.resolve('tests/unit/gpu/fake-smi.mjs')],
        environment: { FAKE_SMI: file() },
        simulated: true,
      })),
    run: impatient,
    intervalMs: () => 1_000,
  });
  return inventory;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await pause(10);
  }
}

describe('the GPU inventory', { timeout: 90_000 }, () => {
  it('finds GPUs and follows them with one process', async () => {
    mood('well');
    const gpus = make();
    let ticks = 0;
    gpus.onSample(() => {
      ticks += 1;
    });
    gpus.start();
    gpus.start();
    await until(() => ticks >= 5);
    expect(gpus.state).toMatchObject({ status: 'ok', driver: '1.2' });
    expect(gpus.gpus).toMatchObject([
      { uuid: 'GPU-a', health: 'ok', simulated: true },
      { uuid: 'GPU-b', index: 1 },
    ]);
    expect(gpus.samples).toMatchObject([{ uuid: 'GPU-a', utilization: 0.5, power: null }, { uuid: 'GPU-b' }]);
    expect([...(await gpus.computeProcesses())]).toEqual([[42, ['GPU-b']]]);
    expect(calls('loop')).toBe(1);
    expect(calls('inventory')).toBe(1);
  });

  it('shows a GPU that disappears as lost, and forgets it on rescan', async () => {
    mood('well');
    const gpus = make();
    gpus.start();
    await until(() => gpus.samples.length === 2);
    mood('one');
    await until(() => gpus.gpus.some((gpu) => gpu.health === 'lost'));
    expect(gpus.gpus).toMatchObject([{ health: 'ok' }, { uuid: 'GPU-b', health: 'lost' }]);
    await until(() => gpus.samples.length === 1);
    await gpus.rescan();
    expect(gpus.gpus).toHaveLength(1);
    mood('well');
    await until(() => gpus.samples.length === 2);
    expect(gpus.gpus).toHaveLength(2);
  });

  it('says that nvidia-smi hangs, keeps the GPUs, and recovers', async () => {
    mood('well');
    const gpus = make({ clock: fastClock });
    gpus.start();
    await until(() => gpus.samples.length === 2);
    mood('hang');
    await until(() => gpus.state.status === 'unavailable');
    expect(gpus.state).toMatchObject({ message: expect.stringContaining('does not answer') });
    expect(gpus.samples).toEqual([]);
    expect(gpus.gpus).toHaveLength(2);
    await expect(gpus.computeProcesses()).rejects.toMatchObject({ code: 'unavailable' });
    mood('well');
    await until(() => gpus.samples.length === 2);
    expect(gpus.state.status).toBe('ok');
  });

  it('refuses rubbish, backs off, and recovers', async () => {
    mood('rubbish');
    const gpus = make({ clock: fastClock });
    gpus.start();
    await until(() => gpus.state.status === 'unavailable');
    expect(gpus.state).toMatchObject({ message: expect.stringContaining('not understood') });
    await until(() => calls('inventory') >= 3);
    mood('well');
    await until(() => gpus.samples.length === 2);
  });

  it('starts a process per tick when nvidia-smi does not stream', async () => {
    mood('no-stream');
    const gpus = make({ clock: fastClock });
    gpus.start();
    await until(() => gpus.samples.length === 2 && calls('once') >= 3);
    expect(calls('loop')).toBe(2);
  });

  it('has a clear sentence where there is no nvidia-smi', async () => {
    const gpus = make({ locate: async () => null });
    await gpus.rescan();
    expect(gpus.state).toMatchObject({
      status: 'unavailable',
      message: expect.stringContaining('nvidia-smi was not found'),
      hint: expect.stringContaining('named by hand'),
    });
  });

  it('is silent after stop', async () => {
    mood('well');
    const gpus = make();
    gpus.start();
    await until(() => gpus.samples.length === 2);
    gpus.stop();
    let told = 0;
    gpus.onSample(() => {
      told += 1;
    });
    await pause(150);
    expect(told).toBe(0);
  });
});

describe('running a program', { timeout: 60_000 }, () => {
  const node = { command: [process.execPath], environment: {} };

  it('gives code and output', async () => {
    const run = createRunCommand();
    expect(
      await run(node, ['-e', 'console.log(1); console.error(2); process.exit(3)'], { timeoutMs: 20_000 }),
    ).toEqual({
      code: 3,
      stdout: '1\n',
      stderr: '2\n',
      timedOut: false,
      spawnError: null,
    });
  });

  it('kills what takes too long, and survives what cannot start', async () => {
    const run = createRunCommand();
    expect(await run(node, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 })).toMatchObject({
      timedOut: true,
    });
    const missing = { command: [path.join(directory, 'nothing')], environment: {} };
    expect((await run(missing, [], { timeoutMs: 1_000 })).spawnError).toBe('ENOENT');
    expect((await run(node, ['\u0000'], { timeoutMs: 1_000 })).spawnError).not.toBeNull();
  });
});

describe('host metrics', () => {
  it('reads this computer', async () => {
    const metrics = new HostMetrics({
      clock: systemClock,
      logger: silentLogger,
      directory,
      intervalMs: () => 50,
    });
    await metrics.refresh();
    const { memoryUsed, memoryTotal, diskFree, diskTotal } = metrics.sample;
    expect(memoryTotal).toBeGreaterThan(memoryUsed ?? Number.POSITIVE_INFINITY);
    expect(diskTotal).toBeGreaterThan(diskFree ?? Number.POSITIVE_INFINITY);
  });

  it('shows what works when a figure fails, and never overlaps', async () => {
    let running = 0;
    let most = 0;
    const metrics = new HostMetrics({
      clock: systemClock,
      logger: silentLogger,
      directory,
      intervalMs: () => 1,
      source: {
        ...systemSource,
        cpu: async () => {
          running += 1;
          most = Math.max(most, running);
          await pause(15);
          running -= 1;
          return 0.25;
        },
        memory: () => Promise.reject(new Error('no')),
      },
    });
    metrics.start();
    await until(() => metrics.sample.cpu === 0.25);
    await pause(60);
    metrics.stop();
    expect(metrics.sample).toMatchObject({ cpu: 0.25, memoryUsed: null, memoryTotal: null });
    expect(most).toBe(1);
  });
});
