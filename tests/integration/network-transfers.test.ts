import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_RUN_OPTIONS, isFinished, type RunDetail } from '../../shared/runs.ts';
import { SlowWorker } from '../support/slow-worker.ts';
import { prepareDemo, QUICK } from './support/fleets.ts';
import { Host } from './support/host.ts';
import { until } from './support/until.ts';
import { Workplace } from './support/workplace.ts';

/** Files between a control center in a process of its own and a worker at the end of a slow line. */

const MB = 1_000_000;
const VIDEO_BYTES = 2_000 * MB;
const MOST_MB = 50;

const workflow = (file: string): string =>
  JSON.stringify({
    '1': { class_type: 'LoadVideo', inputs: { file } },
    '2': { class_type: 'SaveVideo', inputs: { video: ['1', 0], filename_prefix: 'far' } },
  });

describe('a worker at the end of a slow line', () => {
  let worker: SlowWorker;
  let host: Host;
  let inputs: (name: string, bytes: number) => void;
  const place = new Workplace();
  let id = '';

  beforeAll(async () => {
    worker = await SlowWorker.start();
    await prepareDemo(place, 1);
    host = await Host.start(place, { args: ['--demo=1'], environment: QUICK });
    await host.allReady(1);
    inputs = (name, bytes) => {
      const file = place.file('data', 'demo', '1-gpus', 'comfyui', 'input', name);
      // Nothing of it is on the disk.
      writeFileSync(file, '');
      truncateSync(file, bytes);
    };
    const draft = {
      ...({ type: 'remote', name: 'Far', host: '127.0.0.1', port: worker.port } as const),
      ...({ secure: false, path: '', certificate: null, access: { kind: 'none' } } as const),
    };
    ({ id } = await host.invoke('remote.add', { draft }));
    await host.instanceWhere(id, 'is ready', ({ remote }) => remote?.readiness?.done === true);
  });
  afterAll(async () => {
    await host.end('SIGTERM');
    await worker.close();
    await place.untilEmpty();
    expect(await place.dispose()).toEqual([]);
  });

  const submit = async (file: string): Promise<string> => {
    const options = { ...DEFAULT_RUN_OPTIONS, on: [id] };
    return (await host.invoke('runs.submit', { name: 'far', workflow: workflow(file), options })).runId;
  };
  const get = (runId: string): Promise<RunDetail> => host.invoke('runs.get', { runId });
  const percentOf = ({ shards }: RunDetail, file: string): number | null => {
    const [, percent] = /^Sending (?:.*) \((\d+) %\)$/.exec(shards[0]?.node ?? '') ?? [];
    return shards[0]?.node?.includes(file) && percent !== undefined ? Number(percent) : null;
  };
  /** MB that the control center holds, at most, until a run is over or `wanted` says so. */
  const watch = async (runId: string, wanted: (detail: RunDetail) => boolean): Promise<number> => {
    let most = 0;
    await until(
      'it came so far',
      async () => {
        most = Math.max(most, residentMb(host.pid));
        const detail = await get(runId);
        return wanted(detail) || isFinished(detail.run.status);
      },
      80_000,
    );
    return most;
  };
  /** Small ones first: the heap and its pools have grown to what any transfer needs. */
  const idle = async (): Promise<number> => {
    worker.uploadRate = Number.POSITIVE_INFINITY;
    worker.downloadRate = Number.POSITIVE_INFINITY;
    inputs('small.mp4', 60 * MB);
    worker.resultBytes = 40 * MB;
    const runId = await submit('small.mp4');
    await watch(runId, () => false);
    expect((await get(runId)).run).toMatchObject({ status: 'done', error: null });
    return residentMb(host.pid);
  };

  it('gets a video of 2 GB in little memory, while its shard says how much is sent', async () => {
    const before = await idle();
    inputs('large.mp4', VIDEO_BYTES);
    worker.uploadRate = 150 * MB;
    worker.resultBytes = 1_000;
    const runId = await submit('large.mp4');
    const percents: number[] = [];
    const most = await watch(runId, (detail) => {
      const percent = percentOf(detail, 'large.mp4');
      if (percent !== null && percent !== percents.at(-1)) percents.push(percent);
      return false;
    });
    expect((await get(runId)).run).toMatchObject({ status: 'done', error: null });
    expect(worker.received).toBeGreaterThan(VIDEO_BYTES);
    expect(most - before).toBeLessThan(MOST_MB);
    expect(percents.length).toBeGreaterThan(10);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    process.stdout.write(`2 GB sent: ${(most - before).toFixed(0)} MB above idle\n`);
  }, 150_000);

  it('is let go of at once when the run is cancelled in the middle of an upload', async () => {
    const before = await idle();
    inputs('slow.mp4', 200 * MB);
    worker.uploadRate = 5 * MB;
    const runId = await submit('slow.mp4');
    const most = await watch(runId, (detail) => (percentOf(detail, 'slow.mp4') ?? 0) >= 4);
    expect(most - before).toBeLessThan(MOST_MB);
    const asked = performance.now();
    const received = worker.received;
    await host.invoke('runs.cancel', { runId });
    expect((await get(runId)).run.status).toBe('cancelled');
    expect(performance.now() - asked).toBeLessThan(1_000);
    await until('the connection is cut', () => worker.cutAt !== null);
    // What the kernels of both sides held still comes, nothing else.
    expect(worker.received - received).toBeLessThan(12 * MB);
    // What is left of it is in nobody’s way.
    worker.uploadRate = Number.POSITIVE_INFINITY;
    const again = await submit('small.mp4');
    await watch(again, () => false);
    expect((await get(again)).run).toMatchObject({ status: 'done', error: null });
  });

  it('sends home a large result in little memory', async () => {
    const before = await idle();
    worker.resultBytes = 300 * MB;
    worker.downloadRate = 60 * MB;
    const runId = await submit('small.mp4');
    const most = await watch(runId, () => false);
    const { run, artifacts } = await get(runId);
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(artifacts[0]?.bytes).toBe(300 * MB);
    expect(most - before).toBeLessThan(MOST_MB);
    process.stdout.write(`300 MB fetched: ${(most - before).toFixed(0)} MB above idle\n`);
  });
});

function residentMb(pid: number): number {
  const [, kib = ''] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kib) * 1024) / MB;
}
