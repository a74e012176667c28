import type { RunStatus, ShardError } from '../../../../shared/runs.ts';
import type { RunRecord, ShardRecord } from '../../runs/records.ts';
import { exactText } from '../http/replies.ts';
import type { Job } from './job.ts';
import { finishedLine } from './job-lines.ts';
import type { JobEnding, JobMessage } from './job-types.ts';
import type { Shown } from './shown.ts';

/** How a job ended, in ComfyUI's words. */

export interface Ending extends JobEnding {
  /** What its client has to hear. */
  readonly last: readonly JobMessage[];
}

export function endingOf(
  job: Job,
  run: Pick<RunRecord, 'status' | 'error'>,
  shards: readonly ShardRecord[],
  shown: Shown,
  now: number,
): Ending {
  const last = lastMessage(job, run, shards, now);
  const messages = [...job.messages, last];
  const completed = run.status === 'done';
  const entry = {
    outputs: shown,
    meta: Object.fromEntries(Object.keys(shown).map((id) => [id, metaOf(id)])),
    status: { status_str: completed ? 'success' : 'error', completed, messages },
  };
  return {
    endedAt: now,
    ending: exactText(entry),
    summary: exactText(finishedLine(job.record, entry)),
    last: [last],
  };
}

function metaOf(id: string): Readonly<Record<string, unknown>> {
  return { node_id: id, display_node: id, parent_node: null, real_node_id: id };
}

function lastMessage(
  job: Job,
  run: Pick<RunRecord, 'status' | 'error'>,
  shards: readonly ShardRecord[],
  now: number,
): JobMessage {
  const about = { prompt_id: job.promptId };
  switch (run.status satisfies RunStatus) {
    case 'done':
      return ['execution_success', { ...about, timestamp: now }];
    case 'cancelled':
      return ['execution_interrupted', { ...about, ...nodeAt(job), executed: [], timestamp: now }];
    default:
      return ['execution_error', { ...about, ...errorOf(job, run.error, shards), timestamp: now }];
  }
}

/** Where it was when it was stopped. */
function nodeAt({ leader, classes }: Job): Readonly<Record<string, unknown>> {
  const node = String(leader?.executing?.[1]['node'] ?? classes.keys().next().value ?? '');
  return { node_id: node, node_type: classes.get(node) ?? '' };
}

/** What the server said word for word where we heard it, else what is journaled. */
function errorOf(
  job: Job,
  why: string | null,
  shards: readonly ShardRecord[],
): Readonly<Record<string, unknown>> {
  const failed = shards.find(({ error }) => error !== null);
  const heard = failed === undefined ? undefined : job.errors.get(`${failed.stage}/${failed.index}`);
  if (heard !== undefined) return heard;
  const error: ShardError = failed?.error ?? {
    message: why ?? 'It could not be computed.',
    ...{ nodeId: null, nodeType: null, exceptionType: null, traceback: [] },
  };
  const nodeId = error.nodeId ?? outputsOf(job)[0] ?? '';
  return {
    node_id: nodeId,
    node_type: error.nodeType ?? job.classes.get(nodeId) ?? '',
    executed: [],
    exception_message: error.message,
    exception_type: error.exceptionType ?? 'EnsembleError',
    traceback: error.traceback,
    ...{ current_inputs: {}, current_outputs: [] },
  };
}

function outputsOf({ record }: Job): readonly string[] {
  const ids: unknown = JSON.parse(record.outputs);
  return Array.isArray(ids) ? ids.map(String) : [];
}
