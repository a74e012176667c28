import type { GpuInfo, InstanceSnapshot } from '../../shared/model.ts';
import type { RunSummary } from '../../shared/runs.ts';
import type { LocalWorkerSettings, Settings } from '../../shared/settings.ts';

/** A ready, idle, managed worker; say only what the test is about. */
export function instanceSnapshot(change: Partial<InstanceSnapshot> = {}): InstanceSnapshot {
  return {
    id: 'worker-1',
    role: 'worker',
    type: 'local',
    name: 'Worker 1',
    host: '127.0.0.1',
    port: 8189,
    url: 'http://127.0.0.1:8189',
    device: 'GPU-1',
    gpuUuid: 'GPU-1',
    extraArgs: '',
    selected: true,
    control: 'managed',
    process: { status: 'ready', since: 0, generation: 1, pid: 100, bootMs: 1_000 },
    link: { status: 'up', since: 0, latencyMs: 1 },
    server: null,
    queue: 0,
    activity: null,
    preview: 0,
    placement: { status: 'not-applicable' },
    picture: null,
    lastRunAt: null,
    imagesPerMinute: null,
    simulated: false,
    remote: null,
    ...change,
  };
}

export function gpu(index: number, change: Partial<GpuInfo> = {}): GpuInfo {
  return {
    uuid: `GPU-${index}`,
    index,
    pciBusId: `00000000:0${index}:00.0`,
    name: 'NVIDIA GeForce RTX 4090',
    memoryTotal: 24 * 2 ** 30,
    driver: '580.1',
    mig: false,
    health: 'ok',
    simulated: false,
    ...change,
  };
}

/** A queued run of one shard; say only what the test is about. */
export function runSummary(change: Partial<RunSummary> = {}): RunSummary {
  return {
    id: 'run-1',
    revision: 1,
    name: 'run',
    kind: 'whole',
    status: 'queued',
    mode: 'participating',
    modeReason: 'The master’s toggle is on: it renders too.',
    participants: ['Master'],
    createdAt: 0,
    startedAt: null,
    endedAt: null,
    order: 1,
    shards: { queued: 1, dispatched: 0, running: 0, fetching: 0, done: 0, failed: 0, cancelled: 0 },
    shardCount: 1,
    secondStage: false,
    seedFirst: null,
    seedLast: null,
    expectedEnd: null,
    waits: null,
    artifactCount: 0,
    thumbnails: [],
    error: null,
    warnings: [],
    ...change,
  };
}

export function localWorkers({ workers }: Settings): readonly LocalWorkerSettings[] {
  return workers.filter((worker) => worker.type === 'local');
}
