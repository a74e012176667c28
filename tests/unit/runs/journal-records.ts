import type { PlacingArtifact, RunRecord, ShardRecord } from '../../../electron/core/runs/records.ts';
import type { Attempt } from '../../../shared/runs.ts';
import { DEFAULT_RUN_OPTIONS } from '../../../shared/runs.ts';

export function runRecord(id: string, change: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    name: `Run ${id}`,
    workflow: '{"3":{"class_type":"KSampler","inputs":{"seed":18446744073709551615}}}',
    options: { ...DEFAULT_RUN_OPTIONS, copies: 4, on: ['master', 'w1'] },
    plan: '{"templates":[],"seed":18446744073709551615}',
    kind: 'copies',
    status: 'queued',
    mode: 'participating',
    modeReason: 'The master renders too.',
    participants: [
      { id: 'master', name: 'Master' },
      { id: 'w1', name: 'Worker 1' },
    ],
    candidates: ['master', 'w1', 'w2'],
    createdAt: 1_000,
    startedAt: null,
    endedAt: null,
    order: 1.5,
    error: null,
    warnings: ['One of the seeds is not used.'],
    ...change,
  };
}

export function shardRecord(runId: string, index: number, change: Partial<ShardRecord> = {}): ShardRecord {
  return {
    runId,
    stage: 1,
    index,
    status: 'queued',
    seed: String(18446744073709551615n - BigInt(index)),
    error: null,
    ...change,
  };
}

export function attempt(id: string, runId: string, shard: number, change: Partial<Attempt> = {}): Attempt {
  return {
    id,
    runId,
    stage: 1,
    shard,
    number: 1,
    instanceId: 'w1',
    instanceName: 'Worker 1',
    backup: false,
    dispatchedAt: 2_000,
    startedAt: null,
    sampledAt: null,
    fetchedAt: null,
    endedAt: null,
    outcome: 'running',
    reason: null,
    ...change,
  };
}

export function placing(id: string, change: Partial<PlacingArtifact> = {}): PlacingArtifact {
  return {
    id,
    runId: 'r',
    runName: 'Run r',
    stage: 1,
    shard: 0,
    nodeId: '9',
    node: 'Save Image',
    kind: 'image',
    preview: false,
    name: `${id}.png`,
    path: `/output/${id}.png`,
    bytes: 10,
    width: 8,
    height: 8,
    seed: '7',
    instanceId: 'w1',
    instanceName: 'Worker 1',
    seconds: 1.25,
    at: 3_000,
    url: `/files/artifacts/${id}.png`,
    sha256: 'ab'.repeat(32),
    temporary: `/output/.ensemble-incoming/${id}.part`,
    outputKey: id,
    ...change,
  };
}
