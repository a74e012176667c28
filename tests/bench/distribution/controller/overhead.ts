import { randomUUID } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { request } from 'undici';
import type { Artifact } from '../../../../shared/runs.ts';
import { quantile } from '../../support/report.ts';
import { BenchWorld, WORKFLOW } from './bench-world.ts';
import { monotonicMs, type Stamps } from './protocol.ts';
import { Workers } from './workers.ts';

export interface OverheadSize {
  readonly rounds: number;
  /** Shards of a round, each with its baselines. */
  readonly samples: number;
}

/** ms; of each round. */
export interface Quantiles {
  readonly p50: readonly number[];
  readonly p95: readonly number[];
}

export interface Overhead {
  readonly submit: Quantiles;
  /** undici alone, with the same body. */
  readonly rawPost: Quantiles;
  readonly result: Quantiles;
  /** Download, write and fsync alone, of the same file. */
  readonly rawResult: Quantiles;
  readonly fileBytes: number;
  /** Bytes over all sockets of the workers, both ways, ÷ bytes of the files that came home. */
  readonly relayed: number;
}

interface Sample {
  readonly submit: number;
  readonly result: number;
  readonly rawPost: number;
  readonly rawResult: number;
}

/** One shard after the other on one idle worker, with the bare transfers in between. */
export async function measureOverhead({ rounds, samples }: OverheadSize): Promise<Overhead> {
  const workers = await Workers.start({ count: 2 });
  const world = await BenchWorld.open(workers.urls);
  await mkdir(path.join(world.directory, 'raw'));
  await roundOf(workers, world, Math.ceil(samples / 2), true);
  const all: (readonly Sample[])[] = [];
  for (let round = 0; round < rounds; round += 1) {
    all.push(await roundOf(workers, world, samples, round % 2 === 0));
  }
  const { relayed, fileBytes } = await measureRelay(workers, world, samples);
  await world.close();
  await workers.stop();
  return {
    submit: quantiles(all, 'submit'),
    rawPost: quantiles(all, 'rawPost'),
    result: quantiles(all, 'result'),
    rawResult: quantiles(all, 'rawResult'),
    fileBytes,
    relayed,
  };
}

/** Nothing but runs, and every byte that crosses the workers' sockets meanwhile. */
async function measureRelay(
  workers: Workers,
  world: BenchWorld,
  shards: number,
): Promise<Pick<Overhead, 'relayed' | 'fileBytes'>> {
  let bytes = 0;
  const stop = world.feed.onArtifact((artifact) => {
    bytes += artifact.bytes;
  });
  const before = await workers.traffic();
  await world.ended(await world.submit({ copies: shards }));
  const after = await workers.traffic();
  stop();
  return { relayed: (after.bytes - before.bytes) / bytes, fileBytes: bytes / shards };
}

interface Timed {
  readonly begun: number;
  readonly ended: number;
  readonly key: string;
}

async function roundOf(
  workers: Workers,
  world: BenchWorld,
  count: number,
  oursFirst: boolean,
): Promise<readonly Sample[]> {
  const url = workers.urls[1] ?? '';
  const ours: Ours[] = [];
  const posts: Timed[] = [];
  const downloads: Timed[] = [];
  for (let index = 0; index < count; index += 1) {
    // ABBA: whatever drifts meets both alike.
    const first = oursFirst === (index % 2 === 0);
    if (first) ours.push(await oneShard(world));
    posts.push(await rawPost(url));
    downloads.push(await rawDownload(url, world.directory));
    if (!first) ours.push(await oneShard(world));
  }
  const stamps = await workers.stamps();
  return ours.map((one, index) => sampleOf(one, posts[index], downloads[index], stamps));
}

interface Ours {
  readonly submitted: number;
  readonly announced: number;
  readonly promptId: string;
}

async function oneShard(world: BenchWorld): Promise<Ours> {
  const announcement = new Promise<{ readonly artifact: Artifact; readonly at: number }>((resolve) => {
    const stop = world.feed.onArtifact((artifact) => {
      const at = monotonicMs();
      stop();
      resolve({ artifact, at });
    });
  });
  const submitted = monotonicMs();
  const id = await world.submit();
  const ended = world.ended(id);
  const { at } = await announcement;
  await ended;
  const [attempt] = world.runs.service.get(id).shards[0]?.attempts ?? [];
  return { submitted, announced: at, promptId: attempt?.id ?? '' };
}

function sampleOf(ours: Ours, post: Timed | undefined, download: Timed | undefined, stamps: Stamps): Sample {
  return {
    submit: (stamps.posted[ours.promptId] ?? Number.NaN) - ours.submitted,
    result: ours.announced - (stamps.sent[ours.promptId] ?? Number.NaN),
    rawPost: (stamps.posted[post?.key ?? ''] ?? Number.NaN) - (post?.begun ?? Number.NaN),
    rawResult: (download?.ended ?? Number.NaN) - (stamps.sent[download?.key ?? ''] ?? Number.NaN),
  };
}

async function rawPost(url: string): Promise<Timed> {
  const key = randomUUID();
  const prompt: unknown = JSON.parse(WORKFLOW);
  const begun = monotonicMs();
  const { body } = await request(`${url}/baseline/prompt`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt, prompt_id: key }),
  });
  await body.dump();
  return { begun, ended: monotonicMs(), key };
}

async function rawDownload(url: string, directory: string): Promise<Timed> {
  const key = randomUUID();
  const begun = monotonicMs();
  const { body, statusCode } = await request(`${url}/baseline/view?stamp=${key}`);
  if (statusCode !== 200) throw new Error(`the worker answered ${statusCode}`);
  const file = await open(path.join(directory, 'raw', key), 'wx');
  for await (const chunk of body) await file.write(chunk as Buffer);
  await file.sync();
  await file.close();
  return { begun, ended: monotonicMs(), key };
}

function quantiles(rounds: readonly (readonly Sample[])[], what: keyof Sample): Quantiles {
  const at = (share: number): readonly number[] =>
    rounds.map((samples) =>
      quantile(
        samples.map((sample) => sample[what]),
        share,
      ),
    );
  return { p50: at(0.5), p95: at(0.95) };
}
