import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RUN_OPTIONS, isFinished, type RunDetail, type RunOptions } from '../../shared/runs.ts';
import { behave, MASTER_ID, prepareDemo } from './support/fleets.ts';
import { type Host, runCli } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';
import { kill } from './support/workplace.ts';

/** Distribution as people meet it: the command line, the control center and its servers as processes of their own. */

const EXAMPLES = path.resolve('examples');
const DISTRIBUTED = path.join(EXAMPLES, 'distributed-txt2img.json');
const BASE_SEED = 422_001;
const SLOW = behave({ stepMs: 120 });

function example(name: string): string {
  return readFileSync(path.join(EXAMPLES, name), 'utf8');
}

async function submit(host: Host, workflow: string, options: Partial<RunOptions> = {}): Promise<string> {
  const { runId } = await host.invoke('runs.submit', {
    name: 'night',
    workflow,
    options: { ...DEFAULT_RUN_OPTIONS, ...options },
  });
  return runId;
}

async function ended(host: Host, runId: string, milliseconds = 60_000): Promise<RunDetail> {
  const get = (): Promise<RunDetail> => host.invoke('runs.get', { runId });
  // A control center that has just begun has no fleet yet.
  const over = async (): Promise<boolean> =>
    get().then(
      ({ run }) => isFinished(run.status),
      () => false,
    );
  await until('the run has ended', over, milliseconds);
  return get();
}

function running(host: Host, runId: string, instanceId: string): Promise<true> {
  return until(`a shard runs on ${instanceId}`, async () => {
    const { shards } = await host.invoke('runs.get', { runId });
    return shards.some((shard) => shard.status === 'running' && shard.instanceId === instanceId) || null;
  });
}

/** Each seed once, each file on disk once. */
function expectAllOnce(detail: RunDetail, copies: number): void {
  const { artifacts } = detail;
  const seeds = artifacts.map(({ seed }) => Number(seed)).sort((a, b) => a - b);
  expect(seeds).toEqual(Array.from({ length: copies }, (_, k) => BASE_SEED + k));
  const [first] = artifacts;
  const folder = path.dirname(first?.path ?? '');
  const onDisk = readdirSync(folder).filter((name) => name.endsWith('.png'));
  expect(onDisk.sort()).toEqual(artifacts.map(({ name }) => path.basename(name)).sort());
}

describe('a run on the demo fleet', () => {
  it('is started by the command line, ends with 0, and says what it made', async () => {
    const place = newPlace();
    await prepareDemo(place, 3);
    const host = await startHost(place, { args: ['--demo=3'], environment: behave({}) });
    await host.allReady(3);
    const out = place.file('pictures');
    const done = await runCli(place, ['run', DISTRIBUTED, '--json', '--out', out]).ended;
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const events = done.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(0)).toMatchObject({ event: 'submitted' });
    expect(events.at(-1)).toMatchObject({ event: 'done', status: 'done', exitCode: 0 });
    expect(readdirSync(out)).toHaveLength(3);
    const runs = await runCli(place, ['runs', '--json']).ended;
    expect(JSON.parse(runs.stdout).runs[0]).toMatchObject({
      status: 'done',
      mode: 'participating',
      artifactCount: 3,
    });
  });

  it('loses nothing when a worker is killed in the middle', async () => {
    const place = newPlace();
    await prepareDemo(place, 3);
    const host = await startHost(place, { args: ['--demo=3'], environment: SLOW });
    const pids = await host.allReady(3);
    const runId = await submit(host, example('distributed-txt2img.json'), { copies: 6 });
    await running(host, runId, 'worker-1');
    kill(pids.get('worker-1') ?? 0, 'SIGKILL');
    const detail = await ended(host, runId);
    expect(detail.run).toMatchObject({ status: 'done', error: null });
    expectAllOnce(detail, 6);
    const lost = detail.shards
      .flatMap(({ attempts }) => attempts)
      .filter(({ outcome }) => outcome === 'lost');
    expect(lost.map(({ instanceId }) => instanceId)).toContain('worker-1');
    expect(lost.every(({ reason }) => reason !== null)).toBe(true);
  });

  it.each([false, true])(
    'survives kill -9 of the control center (servers end with it: %s)',
    async (stopOnQuit) => {
      const place = newPlace();
      await prepareDemo(place, 2, { stopOnQuit });
      const demo = { args: ['--demo=2'], environment: SLOW };
      const host = await startHost(place, demo);
      await host.allReady(2);
      const runId = await submit(host, example('distributed-txt2img.json'), { copies: 5 });
      await running(host, runId, 'worker-1');
      await host.end('SIGKILL');
      if (stopOnQuit) await place.untilEmpty(15_000);
      const again = await startHost(place, demo);
      const detail = await ended(again, runId);
      expect(detail.run).toMatchObject({ status: 'done', error: null });
      expectAllOnce(detail, 5);
      // Where the servers lived on, what ran there was found again instead of being computed twice.
      if (!stopOnQuit) expect(detail.shards.every(({ attempts }) => attempts.length === 1)).toBe(true);
      await again.invoke('fleet.stopAll', {});
    },
  );

  it('steps in as fallback when the only selected worker is stopped, and says why', async () => {
    const place = newPlace();
    await prepareDemo(place, 2);
    const host = await startHost(place, { args: ['--demo=2'], environment: SLOW });
    await host.allReady(2);
    await host.invoke('fleet.setParticipation', { participate: false });
    const runId = await submit(host, example('distributed-txt2img.json'), { copies: 2 });
    expect((await host.invoke('runs.get', { runId })).run).toMatchObject({ mode: 'orchestrator-only' });
    await running(host, runId, 'worker-1');
    await host.invoke('instance.stop', { id: 'worker-1' });
    const detail = await ended(host, runId);
    expect(detail.run).toMatchObject({ status: 'done', mode: 'fallback' });
    expect(detail.run.modeReason).toContain('Worker 1: Stopped');
    expectAllOnce(detail, 2);
    const after = await submit(host, example('txt2img.json'));
    expect((await ended(host, after)).run).toMatchObject({ status: 'done', mode: 'fallback' });
  });

  it('frees its servers when it is cancelled, waits while the queue is paused, and goes on with the next seeds', async () => {
    const place = newPlace();
    await prepareDemo(place, 2);
    const host = await startHost(place, { args: ['--demo=2'], environment: SLOW });
    await host.allReady(2);
    const runId = await submit(host, example('distributed-txt2img.json'), { copies: 12 });
    await running(host, runId, MASTER_ID);
    await host.invoke('runs.cancel', { runId });
    expect((await ended(host, runId)).run.status).toBe('cancelled');
    await host.fleetWhere('every server is idle', ({ instances }) =>
      instances.every(({ queue }) => queue === 0),
    );

    await host.invoke('queue.pause', {});
    const waiting = await submit(host, example('distributed-txt2img.json'));
    expect(await host.invoke('runs.list', { before: null, limit: 5 })).toMatchObject({
      queue: { paused: true, waiting: 2, running: 0 },
    });
    await host.invoke('queue.resume', {});
    expect((await ended(host, waiting)).run.status).toBe('done');
    const { runId: next } = await host.invoke('runs.again', { runId: waiting });
    expect((await ended(host, next)).run).toMatchObject({
      seedFirst: String(BASE_SEED + 2),
      seedLast: String(BASE_SEED + 3),
    });
  });

  it('fails with the node and its words, and retries what failed', async () => {
    const place = newPlace();
    await prepareDemo(place, 1);
    const broken = behave({ failNode: 'VAEDecode' });
    const host = await startHost(place, { args: ['--demo=1'], environment: broken });
    await host.allReady(1);
    const failed = await runCli(place, ['run', path.join(EXAMPLES, 'txt2img.json'), '--json']).ended;
    expect(failed.code).toBe(1);
    const { runs } = await host.invoke('runs.list', { before: null, limit: 1 });
    const detail = await host.invoke('runs.get', { runId: runs[0]?.id ?? '' });
    expect(detail.shards[0]?.error).toMatchObject({ nodeType: 'VAEDecode', exceptionType: 'RuntimeError' });
    expect(detail.shards[0]?.attempts).toHaveLength(1);
    await host.end('SIGTERM');
    const mended = await startHost(place, { args: ['--demo=1'], environment: behave({}) });
    await mended.allReady(1);
    await mended.invoke('runs.retry', { runId: detail.run.id });
    expect((await ended(mended, detail.run.id)).run).toMatchObject({
      status: 'done',
      artifactCount: 1,
      error: null,
    });
  });
});

describe('tiles of one picture', () => {
  it('are no picture while one is missing, and are one after a retry', async () => {
    const place = newPlace();
    await prepareDemo(place, 2);
    const failing = behave({ stepMs: 5, failNode: 'VAEEncode' });
    const host = await startHost(place, { args: ['--demo=2'], environment: failing });
    await host.allReady(2);
    const runId = await submit(host, example('tiled-upscale.json'));
    const failed = await ended(host, runId);
    expect(failed.run).toMatchObject({ status: 'failed', kind: 'tiles', artifactCount: 0 });
    expect(failed.shards.map(({ stage }) => stage)).not.toContain(2);
    await host.end('SIGTERM');
    const mended = await startHost(place, { args: ['--demo=2'], environment: behave({ stepMs: 5 }) });
    await mended.allReady(2);
    await mended.invoke('runs.retry', { runId });
    const detail = await ended(mended, runId);
    expect(detail.run).toMatchObject({ status: 'done', error: null });
    const [picture, ...more] = detail.artifacts.filter(({ stage }) => stage === 2);
    expect([picture?.width, picture?.height, more.length]).toEqual([1024, 1024, 0]);
  });
});

describe('bad workflows', () => {
  const bad: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    ['no JSON', '{"1": ', /JSON/],
    [
      'a page’s format without definitions for a class',
      '{"nodes": [{"id": 1, "type": "Nowhere", "widgets_values": []}], "links": []}',
      /Nowhere/,
    ],
    ['an unknown class', '{"1": {"class_type": "NoSuchNode", "inputs": {}}}', /NoSuchNode/],
    [
      'a cycle',
      '{"1": {"class_type": "ImageInvert", "inputs": {"image": ["2", 0]}}, "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}}, "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}}',
      /circle|cycle|loop/i,
    ],
    [
      'a collector without pictures',
      '{"1": {"class_type": "DistributedCollector", "inputs": {"load_balance": false}}, "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}}',
      /images/,
    ],
    [
      'a seed beyond 2^64 − 1',
      '{"1": {"class_type": "DistributedSeed", "inputs": {"seed": 18446744073709551616}}, "2": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": ["1", 0]}}, "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}}}',
      /seed/,
    ],
    [
      'a model that nobody has',
      '{"1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "nowhere.safetensors"}}, "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": ""}}, "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}, "4": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0], "seed": 1, "steps": 1, "cfg": 1, "sampler_name": "euler", "scheduler": "normal", "denoise": 1}}, "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}}, "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "x"}}}',
      /nowhere\.safetensors/,
    ],
    [
      'a missing input file',
      '{"1": {"class_type": "LoadImage", "inputs": {"image": "not-there.png"}}, "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}}',
      /not-there\.png/,
    ],
  ];

  it('are refused with one clear message each and exit code 2, before anything is sent', async () => {
    const place = newPlace();
    await prepareDemo(place, 1);
    const host = await startHost(place, { args: ['--demo=1'], environment: behave({}) });
    await host.allReady(1);
    for (const [what, text, says] of bad) {
      const file = place.write(text, 'workflow.json');
      const refused = await runCli(place, ['run', file]).ended;
      expect({ what, code: refused.code, stdout: refused.stdout }).toEqual({ what, code: 2, stdout: '' });
      expect(refused.stderr, what).toMatch(says);
      expect(refused.stderr.trim().split('\n').length, what).toBeLessThanOrEqual(3);
    }
    expect((await host.invoke('runs.list', { before: null, limit: 5 })).runs).toEqual([]);
  });
});
