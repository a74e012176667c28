import type { FinishedLine } from './finished-lines.ts';
import type { Job } from './job.ts';
import { queuedLine, workflowId } from './job-lines.ts';
import type { Jobs } from './jobs.ts';
import { inQueueOrder } from './queue-order.ts';

/** GET /api/jobs: what is asked for, and the page of it. */

const STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'];

type ListedLine = Pick<FinishedLine, 'status' | 'workflowId' | 'createdAt' | 'duration' | 'text'>;

export interface JobQuery {
  readonly statuses: readonly string[];
  readonly workflowId: string | null;
  readonly sortBy: string;
  readonly descending: boolean;
  readonly limit: number | null;
  readonly offset: number;
}

/** @returns the words of ComfyUI for what is wrong with it */
export function readJobQuery(query: URLSearchParams): JobQuery | string {
  const statuses = (query.get('status') ?? '')
    .split(',')
    .map((status) => status.trim().toLowerCase())
    .filter((status) => status !== '');
  const unknown = statuses.filter((status) => !STATUSES.includes(status));
  if (unknown.length > 0) {
    return `Invalid status value(s): ${unknown.join(', ')}. Valid values: ${STATUSES.join(', ')}`;
  }
  const sortBy = (query.get('sort_by') ?? 'created_at').toLowerCase();
  const order = (query.get('sort_order') ?? 'desc').toLowerCase();
  if (sortBy !== 'created_at' && sortBy !== 'execution_duration') {
    return "sort_by must be 'created_at' or 'execution_duration'";
  }
  if (order !== 'asc' && order !== 'desc') return "sort_order must be 'asc' or 'desc'";
  const limit = wholeOf(query.get('limit'));
  const offset = wholeOf(query.get('offset'));
  if (limit === 'none') return 'limit must be an integer';
  if (limit !== null && limit <= 0) return 'limit must be a positive integer';
  if (offset === 'none') return 'offset must be an integer';
  const page = { limit, offset: Math.max(0, offset ?? 0) };
  return { statuses, workflowId: query.get('workflow_id'), sortBy, descending: order === 'desc', ...page };
}

/** @returns the answer as JSON text */
export function listJobs(jobs: Jobs, finished: readonly FinishedLine[], query: JobQuery): string {
  const { statuses, workflowId, sortBy, descending, limit, offset } = query;
  const isWanted = (line: ListedLine): boolean =>
    (statuses.length === 0 || statuses.includes(line.status)) &&
    (workflowId === null || workflowId === '' || line.workflowId === workflowId);
  const keyOf = (line: ListedLine): number => (sortBy === 'created_at' ? line.createdAt : line.duration);
  const sign = descending ? -1 : 1;
  const wanted = [...openLines(jobs), ...finished]
    .filter(isWanted)
    .sort((a, b) => sign * (keyOf(a) - keyOf(b)));
  const page = wanted.slice(offset, limit === null ? undefined : offset + limit);
  const hasMore = offset + page.length < wanted.length;
  const pagination = JSON.stringify({ offset, limit, total: wanted.length, has_more: hasMore });
  return `{"jobs": [${page.map(({ text }) => text).join(', ')}], "pagination": ${pagination}}`;
}

/** What runs, then what waits, in the order of the queue. */
function openLines(jobs: Jobs): readonly ListedLine[] {
  const running = jobs.all.filter(({ isRunning }) => isRunning);
  const waiting = inQueueOrder(jobs.all.filter(({ isRunning }) => !isRunning));
  const lineOf =
    (status: 'pending' | 'in_progress') =>
    ({ record }: Job) => ({
      status,
      workflowId: workflowId(record),
      createdAt: record.createdAt,
      duration: 0,
      text: JSON.stringify(queuedLine(record, status)),
    });
  return [...running.map(lineOf('in_progress')), ...waiting.map(lineOf('pending'))];
}

function wholeOf(text: string | null): number | null | 'none' {
  if (text === null) return null;
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : 'none';
}
