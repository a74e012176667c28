import type { HistoryEntry, QueueItem } from '../graph/prompt-queue.ts';
import { isRecord } from '../graph/values.ts';
import { json, type Routes, type SimulatedReply } from '../http/exchange.ts';
import type { ServerCore } from '../server-core.ts';

const STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
type Job = Readonly<Record<string, unknown>>;

/** /api/jobs of 0.33.0; 0.3.64 has none of it. */
export function jobRoutes(core: ServerCore): Routes {
  if (core.legacy) return {};
  return {
    'GET /api/jobs': ({ query }) => listJobs(core, query),
    'GET /api/jobs/{job_id}': ({ parameters }) => {
      const id = parameters['job_id'] ?? '';
      const entry = core.queue.history.get(id);
      const queued = queuedJobs(core).find((job) => job['id'] === id);
      const job = entry === undefined ? queued : { ...finishedJob(id, entry), ...finishedDetail(entry) };
      return job === undefined ? json({ error: 'Job not found' }, 404) : json(job);
    },
    'POST /api/jobs/{job_id}/cancel': ({ parameters }) =>
      json({ cancelled: cancel(core, parameters['job_id'] ?? '') }),
    'POST /api/jobs/cancel': async (request) => {
      const body: unknown = await request.json().catch(() => null);
      if (body === null) return json({ error: 'Request body must be valid JSON' }, 400);
      const ids = isRecord(body) ? body['job_ids'] : null;
      if (!Array.isArray(ids)) return json({ error: 'job_ids must be a list' }, 400);
      const invalid = ids.filter((id) => typeof id !== 'string' || !UUID.test(id));
      if (invalid.length > 0)
        return json({ error: 'job_ids contains invalid id(s)', invalid_ids: invalid.map(String) }, 400);
      return json({ cancelled: ids.map((id) => cancel(core, String(id))).includes(true) });
    },
  };
}

function cancel(core: ServerCore, id: string): boolean {
  if (core.queue.running?.promptId === id) {
    core.executor.interrupt();
    return true;
  }
  return core.queue.remove(id);
}

function listJobs(core: ServerCore, query: URLSearchParams): SimulatedReply {
  const wanted = (query.get('status') ?? '')
    .split(',')
    .map((status) => status.trim().toLowerCase())
    .filter(Boolean);
  const unknown = wanted.filter((status) => !STATUSES.includes(status));
  if (unknown.length > 0) {
    return json(
      { error: `Invalid status value(s): ${unknown.join(', ')}. Valid values: ${STATUSES.join(', ')}` },
      400,
    );
  }
  const sortBy = (query.get('sort_by') ?? 'created_at').toLowerCase();
  const order = (query.get('sort_order') ?? 'desc').toLowerCase();
  if (sortBy !== 'created_at' && sortBy !== 'execution_duration') {
    return json({ error: "sort_by must be 'created_at' or 'execution_duration'" }, 400);
  }
  if (order !== 'asc' && order !== 'desc') return json({ error: "sort_order must be 'asc' or 'desc'" }, 400);
  const limit = query.has('limit') ? Number(query.get('limit')) : null;
  if (limit !== null && !Number.isInteger(limit)) return json({ error: 'limit must be an integer' }, 400);
  if (limit !== null && limit <= 0) return json({ error: 'limit must be a positive integer' }, 400);
  const offset = Math.max(0, Number(query.get('offset') ?? 0));
  if (!Number.isInteger(offset)) return json({ error: 'offset must be an integer' }, 400);
  const workflow = query.get('workflow_id');
  const all = [...queuedJobs(core), ...[...core.queue.history].map(([id, entry]) => finishedJob(id, entry))]
    .filter((job) => wanted.length === 0 || wanted.includes(String(job['status'])))
    .filter((job) => workflow === null || job['workflow_id'] === workflow)
    .sort((left, right) => (sortKey(left, sortBy) - sortKey(right, sortBy)) * (order === 'asc' ? 1 : -1));
  const jobs = all.slice(offset, limit === null ? undefined : offset + limit);
  const pagination = { offset, limit, total: all.length, has_more: offset + jobs.length < all.length };
  return json({ jobs, pagination });
}

function sortKey(job: Job, by: string): number {
  if (by === 'created_at') return Number(job['create_time'] ?? 0);
  return Number(job['execution_end_time'] ?? 0) - Number(job['execution_start_time'] ?? 0);
}

function queuedJobs(core: ServerCore): readonly Job[] {
  const running = core.queue.running === null ? [] : [queuedJob(core.queue.running, 'in_progress')];
  return [...running, ...core.queue.pending.map((item) => queuedJob(item, 'pending'))];
}

function queuedJob(item: QueueItem, status: string): Job {
  const about = { id: item.promptId, status, priority: item.number, ...created(item.extraData) };
  return { ...about, outputs_count: 0, previewable_outputs_count: 0 };
}

function created(extraData: unknown): Job {
  const extra = isRecord(extraData) ? extraData : {};
  const info = isRecord(extra['extra_pnginfo']) ? extra['extra_pnginfo'] : {};
  const workflow = isRecord(info['workflow']) ? info['workflow']['id'] : undefined;
  return withoutEmpty({ create_time: extra['create_time'], workflow_id: workflow });
}

function finishedJob(id: string, entry: HistoryEntry): Job {
  const at = (name: string): Job | undefined => entry.status.messages.find(([event]) => event === name)?.[1];
  const interrupted = at('execution_interrupted');
  const failed = at('execution_error');
  const end = at('execution_success') ?? failed ?? interrupted;
  const files = Object.entries(entry.outputs).flatMap(([node, output]) => filesOf(node, output));
  return withoutEmpty({
    id,
    status: entry.status.completed ? 'completed' : interrupted === undefined ? 'failed' : 'cancelled',
    priority: entry.prompt[0],
    ...created(entry.prompt[3]),
    execution_start_time: at('execution_start')?.['timestamp'],
    execution_end_time: end?.['timestamp'],
    execution_error: failed,
    outputs_count: files.length,
    previewable_outputs_count: files.length,
    preview_output: files.find((file) => file['type'] === 'output') ?? files[0],
  });
}

function finishedDetail(entry: HistoryEntry): Job {
  const workflow = { prompt: entry.prompt[2], extra_data: entry.prompt[3] };
  return { outputs: entry.outputs, execution_status: entry.status, workflow };
}

function filesOf(node: string, output: unknown): readonly Job[] {
  if (!isRecord(output)) return [];
  return Object.entries(output).flatMap(([mediaType, items]) =>
    mediaType === 'animated' || !Array.isArray(items)
      ? []
      : items.filter(isRecord).map((item) => ({ ...item, nodeId: node, mediaType })),
  );
}

function withoutEmpty(job: Record<string, unknown>): Job {
  return Object.fromEntries(Object.entries(job).filter(([, value]) => value !== undefined && value !== null));
}
