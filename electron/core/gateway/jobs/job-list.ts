import type { JobLine } from './job-lines.ts';
import { queuedLine } from './job-lines.ts';
import type { Jobs } from './jobs.ts';
import { inQueueOrder } from './queue-order.ts';

/** GET /api/jobs: what is asked for, and the page of it. */

const STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'];

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

export function listJobs(jobs: Jobs, summaries: readonly string[], query: JobQuery): unknown {
  const { statuses, workflowId, limit, offset } = query;
  const isWanted = (line: JobLine): boolean =>
    (statuses.length === 0 || statuses.includes(String(line['status']))) &&
    (workflowId === null || workflowId === '' || line['workflow_id'] === workflowId);
  const open = jobs.all
    .filter(({ isRunning }) => isRunning)
    .map(({ record }) => queuedLine(record, 'in_progress'));
  const waiting = inQueueOrder(jobs.all.filter(({ isRunning }) => !isRunning));
  const finished = summaries.map((text): JobLine => JSON.parse(text));
  const lines = [...open, ...waiting.map(({ record }) => queuedLine(record, 'pending')), ...finished];
  const wanted = lines.filter(isWanted).sort((a, b) => {
    const difference = sortKey(a, query.sortBy) - sortKey(b, query.sortBy);
    return query.descending ? -difference : difference;
  });
  const page = wanted.slice(offset, limit === null ? undefined : offset + limit);
  const pagination = { offset, limit, total: wanted.length, has_more: offset + page.length < wanted.length };
  return { jobs: page, pagination };
}

function sortKey(line: JobLine, by: string): number {
  if (by === 'created_at') return Number(line['create_time'] ?? 0);
  const [start, end] = [Number(line['execution_start_time'] ?? 0), Number(line['execution_end_time'] ?? 0)];
  return start > 0 && end > 0 ? end - start : 0;
}

function wholeOf(text: string | null): number | null | 'none' {
  if (text === null) return null;
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : 'none';
}
