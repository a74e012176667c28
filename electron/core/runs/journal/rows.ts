import type { Artifact, Attempt, RunId } from '../../../../shared/runs.ts';
import type { OpenRun, PlacingArtifact, RunHead, ShardRecord, SpeedRecord } from '../records.ts';
import type { Row, SqlValue } from './database.ts';

/**
 * Rows as records. The schema's own checks (STRICT, NOT NULL, CHECK) are what makes the casts of this file true: a file
 * whose definitions differ is never opened.
 */

const utf8 = new TextDecoder();

/** @param column as `readable` was given it */
export function textOf(row: Row, column: string): string {
  return maybeText(row, column) ?? '';
}

export function maybeText(row: Row, column: string): string | null {
  const value = row[`${column}_utf8`];
  // One row alone comes with a Buffer, one of several with an ArrayBuffer.
  return value instanceof ArrayBuffer || value instanceof Uint8Array ? utf8.decode(value) : null;
}

export function numberIn(row: Row, column: string): number {
  return Number(row[column]);
}

export function maybeNumber(row: Row, column: string): number | null {
  const value = row[column];
  return value === null || value === undefined ? null : Number(value);
}

/** @throws SyntaxError when the file was changed by somebody else */
function jsonOf<T>(row: Row, column: string): T {
  return JSON.parse(textOf(row, column)) as T;
}

export const RUN_COLUMNS =
  'id, name, options, kind, status, mode, mode_reason, participants, candidates, created_at, started_at, ended_at, queue_order, error, warnings';

export function runHeadOf(row: Row): RunHead {
  return {
    id: textOf(row, 'id'),
    name: textOf(row, 'name'),
    options: jsonOf(row, 'options'),
    kind: textOf(row, 'kind') as RunHead['kind'],
    status: textOf(row, 'status') as RunHead['status'],
    mode: textOf(row, 'mode') as RunHead['mode'],
    modeReason: textOf(row, 'mode_reason'),
    participants: jsonOf(row, 'participants'),
    candidates: jsonOf(row, 'candidates'),
    createdAt: numberIn(row, 'created_at'),
    startedAt: maybeNumber(row, 'started_at'),
    endedAt: maybeNumber(row, 'ended_at'),
    order: numberIn(row, 'queue_order'),
    error: maybeText(row, 'error'),
    warnings: jsonOf(row, 'warnings'),
  };
}

export function runRecordOf(row: Row): OpenRun['run'] {
  return { ...runHeadOf(row), workflow: textOf(row, 'workflow'), plan: textOf(row, 'plan') };
}

export function runValues(run: RunHead): readonly SqlValue[] {
  return [
    run.id,
    run.name,
    JSON.stringify(run.options),
    run.kind,
    run.status,
    run.mode,
    run.modeReason,
    JSON.stringify(run.participants),
    JSON.stringify(run.candidates),
    run.createdAt,
    run.startedAt,
    run.endedAt,
    run.order,
    run.error,
    JSON.stringify(run.warnings),
  ];
}

export const SHARD_COLUMNS = 'run_id, stage, shard, status, seed, error';

export function shardOf(row: Row): ShardRecord {
  return {
    runId: textOf(row, 'run_id'),
    stage: numberIn(row, 'stage') as ShardRecord['stage'],
    index: numberIn(row, 'shard'),
    status: textOf(row, 'status') as ShardRecord['status'],
    seed: maybeText(row, 'seed'),
    error: row['error_utf8'] === null ? null : jsonOf(row, 'error'),
  };
}

export const ATTEMPT_COLUMNS =
  'id, run_id, stage, shard, number, instance_id, instance_name, backup, dispatched_at, started_at, sampled_at, fetched_at, ended_at, outcome, reason';

export function attemptOf(row: Row): Attempt {
  return {
    id: textOf(row, 'id'),
    runId: textOf(row, 'run_id'),
    stage: numberIn(row, 'stage') as Attempt['stage'],
    shard: numberIn(row, 'shard'),
    number: numberIn(row, 'number'),
    instanceId: textOf(row, 'instance_id'),
    instanceName: textOf(row, 'instance_name'),
    backup: numberIn(row, 'backup') === 1,
    dispatchedAt: numberIn(row, 'dispatched_at'),
    startedAt: maybeNumber(row, 'started_at'),
    sampledAt: maybeNumber(row, 'sampled_at'),
    fetchedAt: maybeNumber(row, 'fetched_at'),
    endedAt: maybeNumber(row, 'ended_at'),
    outcome: textOf(row, 'outcome') as Attempt['outcome'],
    reason: maybeText(row, 'reason'),
  };
}

export function attemptValues(attempt: Attempt): readonly SqlValue[] {
  return [
    attempt.id,
    attempt.runId,
    attempt.stage,
    attempt.shard,
    attempt.number,
    attempt.instanceId,
    attempt.instanceName,
    Number(attempt.backup),
    attempt.dispatchedAt,
    attempt.startedAt,
    attempt.sampledAt,
    attempt.fetchedAt,
    attempt.endedAt,
    attempt.outcome,
    attempt.reason,
  ];
}

export const ARTIFACT_COLUMNS =
  'id, run_id, run_name, stage, shard, node_id, node, kind, preview, name, path, bytes, width, height, seed, instance_id, instance_name, seconds, at, url';

export function artifactOf(row: Row): Artifact {
  return {
    id: textOf(row, 'id'),
    runId: textOf(row, 'run_id') as RunId,
    runName: textOf(row, 'run_name'),
    stage: numberIn(row, 'stage') as Artifact['stage'],
    shard: numberIn(row, 'shard'),
    nodeId: textOf(row, 'node_id'),
    node: textOf(row, 'node'),
    kind: textOf(row, 'kind') as Artifact['kind'],
    preview: numberIn(row, 'preview') === 1,
    name: textOf(row, 'name'),
    path: textOf(row, 'path'),
    bytes: numberIn(row, 'bytes'),
    width: maybeNumber(row, 'width'),
    height: maybeNumber(row, 'height'),
    seed: maybeText(row, 'seed'),
    instanceId: textOf(row, 'instance_id'),
    instanceName: textOf(row, 'instance_name'),
    seconds: maybeNumber(row, 'seconds'),
    at: numberIn(row, 'at'),
    url: textOf(row, 'url'),
  };
}

export const PLACING_COLUMNS = `${ARTIFACT_COLUMNS}, sha256, temporary, output_key`;

export function placingOf(row: Row): PlacingArtifact {
  return {
    ...artifactOf(row),
    sha256: textOf(row, 'sha256'),
    temporary: textOf(row, 'temporary'),
    outputKey: textOf(row, 'output_key'),
  };
}

/** In the order of PLACING_COLUMNS, and then the name in lower case. */
export function placingValues(artifact: PlacingArtifact): readonly SqlValue[] {
  return [
    artifact.id,
    artifact.runId,
    artifact.runName,
    artifact.stage,
    artifact.shard,
    artifact.nodeId,
    artifact.node,
    artifact.kind,
    Number(artifact.preview),
    artifact.name,
    artifact.path,
    artifact.bytes,
    artifact.width,
    artifact.height,
    artifact.seed,
    artifact.instanceId,
    artifact.instanceName,
    artifact.seconds,
    artifact.at,
    artifact.url,
    artifact.sha256,
    artifact.temporary,
    artifact.outputKey,
    artifact.runName.toLowerCase(),
  ];
}

export const SPEED_COLUMNS = 'instance_id, workflow, seconds_per_unit, samples, updated_at';

export function speedOf(row: Row): SpeedRecord {
  return {
    instanceId: textOf(row, 'instance_id'),
    workflow: textOf(row, 'workflow'),
    secondsPerUnit: numberIn(row, 'seconds_per_unit'),
    samples: numberIn(row, 'samples'),
    updatedAt: numberIn(row, 'updated_at'),
  };
}
