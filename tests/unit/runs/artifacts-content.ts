import type { KeepRequest } from '../../../electron/core/runs/artifacts/artifact-store.ts';
import { png } from './artifacts-samples.ts';

export function request(change: Partial<KeepRequest> = {}): KeepRequest {
  return {
    runId: 'r',
    runName: 'Run r',
    stage: 1,
    shard: 0,
    seed: '18446744073709551615',
    nodeId: '9',
    node: 'Save Image',
    preview: false,
    prefix: 'ComfyUI',
    sourceName: 'ensemble_00003_.png',
    instanceId: 'w1',
    instanceName: 'Worker 1',
    seconds: 1.5,
    outputKey: '9/0',
    expectedBytes: null,
    ...change,
  };
}

/** A picture that no other number has, in pieces. */
export function* contentOf(n: number): Generator<Uint8Array> {
  yield* pieces(png(1 + (n % 50), 1 + Math.floor(n / 50), 30_000), 9_000);
}

export function* pieces(bytes: Uint8Array, size = 7_001): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
