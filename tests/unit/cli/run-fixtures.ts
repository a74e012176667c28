import type { Artifact, Attempt, RunSummary, Shard } from '../../../shared/runs.ts';
import { SAMPLES } from '../../contract/samples.ts';

const sample = SAMPLES['runs.get'].result;
const [sampleArtifact] = sample.artifacts;
if (sampleArtifact === undefined) throw new Error('The sample run has an artifact.');

const COUNTS = { queued: 0, dispatched: 0, running: 0, fetching: 0, done: 0, failed: 0, cancelled: 0 };

/** A running run of two shards on two instances; say only what the test is about. */
export function runOf(change: Partial<RunSummary> = {}): RunSummary {
  return {
    ...sample.run,
    revision: 1,
    name: 'txt2img',
    status: 'running',
    participants: ['Master', 'Worker 1'],
    startedAt: 1_000,
    endedAt: null,
    shards: { ...COUNTS, running: 2 },
    shardCount: 2,
    artifactCount: 0,
    thumbnails: [],
    ...change,
  };
}

export function finishedRun(status: RunSummary['status'], done: number): RunSummary {
  const shards = { ...COUNTS, done, failed: 2 - done };
  return runOf({ revision: 9, status, shards, endedAt: 4_000 });
}

export function attemptOf(shard: number, change: Partial<Attempt> = {}): Attempt {
  return {
    id: `00000000-0000-4000-8000-00000000000${shard}`,
    runId: 'run-1',
    stage: 1,
    shard,
    number: 1,
    instanceId: shard === 0 ? 'master' : 'w1',
    instanceName: shard === 0 ? 'Master' : 'Worker 1',
    backup: false,
    dispatchedAt: 1_000,
    startedAt: 1_000,
    sampledAt: null,
    fetchedAt: null,
    endedAt: null,
    outcome: 'running',
    reason: null,
    ...change,
  };
}

export function shardOf(index: number, change: Partial<Shard> = {}): Shard {
  return {
    runId: 'run-1',
    stage: 1,
    index,
    status: 'running',
    seed: String(100 + index),
    instanceId: index === 0 ? 'master' : 'w1',
    node: 'KSampler',
    step: 5,
    steps: 20,
    preview: 0,
    attempts: [attemptOf(index)],
    error: null,
    ...change,
  };
}

export function artifactOf(shard: number, change: Partial<Artifact> = {}): Artifact {
  return {
    ...(sampleArtifact as Artifact),
    id: `a-${shard}`,
    shard,
    name: 'ensemble/p_00001_.png',
    path: `/home/me/output/ensemble/p_0000${shard}_.png`,
    bytes: 5,
    url: `/files/artifacts/a-${shard}.png`,
    ...change,
  };
}
