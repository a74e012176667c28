import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temperatureAt } from '../../../electron/simulator/machine/usage.ts';
import { createWorld, pickGpu, type SimulatedWorld } from '../../../electron/simulator/world.ts';
import { distFile } from '../../setup/dist.ts';

let folder = '';
let world: SimulatedWorld;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'world-'));
  world = await createWorld(folder, 3);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly lines: readonly string[];
}
function smi(argv: readonly string[], fault: object | null = null): Promise<Outcome> {
  const env = { ...process.env, ENSEMBLE_SIM_WORLD: folder, ENSEMBLE_SIM_SMI: JSON.stringify(fault) };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [distFile('simulator.cjs'), 'nvidia-smi', ...argv],
      { env },
      (error, stdout) => {
        const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
        resolve({ code, lines: stdout.trim().split('\n') });
      },
    );
  });
}
const publish = (pid: number, uuid: string): void => {
  const use = { pid, uuid, memoryUsed: 1024 ** 3, utilization: 97, temperature: 60, since: Date.now() };
  writeFileSync(path.join(folder, 'processes', `${pid}.json`), JSON.stringify(use));
};

describe('simulated nvidia-smi', { timeout: 30_000 }, () => {
  it('answers a query with and without header and units', async () => {
    const fields = '--query-gpu=index,uuid,memory.total';
    const plain = await smi([fields, '--format=csv,noheader,nounits']);
    expect(plain.lines).toEqual(
      world.gpus.map(({ index, uuid, memoryTotal }) => `${index}, ${uuid}, ${memoryTotal / 1024 ** 2}`),
    );
    const full = await smi([fields, '--format=csv', '-i', '1']);
    expect(full.lines).toEqual(['index, uuid, memory.total [MiB]', `1, ${world.gpus[1]?.uuid}, 24576 MiB`]);
    const two = await smi(['--query-gpu=index', '--format=csv,noheader', `--id=2,${world.gpus[0]?.uuid}`]);
    expect(two.lines).toEqual(['0', '2']);
  });

  it('shows living processes and ignores stale files', async () => {
    const uuid = world.gpus[1]?.uuid ?? '';
    publish(process.pid, uuid);
    publish(2 ** 22 + 7, uuid);
    const apps = await smi([
      '--query-compute-apps=pid,gpu_uuid,used_memory',
      '--format=csv,noheader,nounits',
    ]);
    expect(apps.lines).toEqual([`${process.pid}, ${uuid}, 1024`]);
    const [, used] = (await smi(['--query-gpu=memory.used', '--format=csv,noheader,nounits'])).lines.map(
      Number,
    );
    expect(used).toBeGreaterThan(1000);
  });

  it('refuses an unknown field, fails and loses a GPU as told', async () => {
    expect((await smi(['--query-gpu=nonsense', '--format=csv'])).code).toBe(2);
    expect((await smi(['-L'], { mode: 'fail' })).code).toBe(9);
    const lost = await smi(['--query-gpu=index,memory.used', '--format=csv,noheader,nounits'], {
      mode: 'lost',
      gpu: 2,
    });
    expect(lost.lines[2]).toBe('2, [GPU is lost]');
  });
});

describe('simulated machine', () => {
  it('keeps its identities across restarts', async () => {
    expect(await createWorld(folder, 3)).toEqual(world);
  });

  it.each([
    [undefined, 0],
    ['1', 1],
    ['2,0', 2],
    ['', null],
    ['7', null],
  ])('picks a GPU as torch would for CUDA_VISIBLE_DEVICES=%s', (visible, index) => {
    expect(pickGpu(world.gpus, visible)?.index ?? null).toBe(index);
  });

  it('finds a GPU by its UUID', () => {
    expect(pickGpu(world.gpus, world.gpus[2]?.uuid)?.index).toBe(2);
  });

  it('warms up slowly', () => {
    const use = { utilization: 100, temperature: 34, since: 0 };
    const [soon, later, end] = [1_000, 20_000, 200_000].map((now) => temperatureAt(use, now));
    expect(soon).toBeLessThan(37);
    expect(later).toBeGreaterThan(50);
    expect(end).toBeCloseTo(71, 0);
  });
});
