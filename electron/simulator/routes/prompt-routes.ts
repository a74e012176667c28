import { randomUUID } from 'node:crypto';
import { type HistoryEntry, type QueueItem, toTuple } from '../graph/prompt-queue.ts';
import { validatePrompt } from '../graph/validate.ts';
import { isRecord, type Prompt } from '../graph/values.ts';
import { empty, json, type Routes, type SimulatedReply, type SimulatedRequest } from '../http/exchange.ts';
import type { BehaviourScript } from '../script.ts';
import type { ServerCore } from '../server-core.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SENSITIVE = ['auth_token_comfy_org', 'api_key_comfy_org'];

/** /prompt, /queue, /history, /interrupt and /free. */
export function promptRoutes(core: ServerCore): Routes {
  const { queue } = core;
  return {
    'GET /prompt': () => json(core.queueInfo()),
    'POST /prompt': (request) => submit(core, request),
    'GET /queue': () =>
      json({
        queue_running: queue.running === null ? [] : [toTuple(queue.running)],
        queue_pending: queue.pending.map(toTuple),
      }),
    'POST /queue': async (request) => {
      const body = asRecord(await request.json());
      if (body['clear']) queue.clear();
      for (const id of asList(body['delete'])) queue.remove(id);
      return empty();
    },
    'GET /history': ({ query }) => json(historyPage(core, query)),
    'GET /history/{prompt_id}': ({ parameters }) => {
      const id = parameters['prompt_id'] ?? '';
      const entry = queue.history.get(id);
      return json(entry === undefined ? {} : told(core.script.lieAboutHistory, id, entry));
    },
    'POST /history': async (request) => {
      const body = asRecord(await request.json());
      if (body['clear']) queue.history.clear();
      for (const id of asList(body['delete'])) queue.history.delete(String(id));
      return empty();
    },
    'POST /interrupt': async (request) => {
      const body: unknown = await request.json().catch(() => ({}));
      const wanted = isRecord(body) ? body['prompt_id'] : undefined;
      if (!wanted) core.log('Global interrupt (no prompt_id specified)');
      if (!wanted || queue.running?.promptId === wanted) core.executor.interrupt();
      return empty();
    },
    'POST /free': async (request) => {
      const body = asRecord(await request.json());
      core.free(Boolean(body['unload_models']) || Boolean(body['free_memory']), Boolean(body['free_memory']));
      return empty();
    },
  };
}

async function submit(core: ServerCore, request: SimulatedRequest): Promise<SimulatedReply> {
  core.log('got prompt');
  const body = asRecord(await request.json());
  const number = 'number' in body ? toNumber(body['number']) : core.nextNumber(Boolean(body['front']));
  if (!('prompt' in body)) {
    const message = 'No prompt provided';
    return refusal({ type: 'no_prompt', message, details: message, extra_info: {} }, {});
  }
  const prompt = asPrompt(body['prompt']);
  const promptId = readPromptId(body['prompt_id'], core.legacy);
  if (promptId === null) {
    const details = 'prompt_id must be a UUID string in canonical lowercase hyphenated form';
    return refusal(
      { type: 'invalid_prompt_id', message: 'prompt_id must be a valid UUID', details, extra_info: {} },
      {},
    );
  }
  const targets = Array.isArray(body['partial_execution_targets'])
    ? body['partial_execution_targets'].map(String)
    : null;
  const { error, outputs, nodeErrors } = validatePrompt(prompt, targets, core.validation);
  if (error !== null) {
    core.log(`invalid prompt: ${error.message}`, 'error');
    return refusal(error, nodeErrors);
  }
  core.accept(queueItem(core, body, { number, promptId, prompt, outputs }));
  return json({ prompt_id: promptId, number, node_errors: nodeErrors });
}

function queueItem(
  core: ServerCore,
  body: Readonly<Record<string, unknown>>,
  item: Pick<QueueItem, 'number' | 'promptId' | 'prompt' | 'outputs'>,
): QueueItem {
  const extra: Record<string, unknown> = { ...asRecord(body['extra_data'] ?? {}) };
  if ('client_id' in body) extra['client_id'] = body['client_id'];
  if (!core.legacy) {
    for (const key of SENSITIVE) delete extra[key];
    extra['create_time'] = Date.now();
  }
  const client = extra['client_id'];
  const method = core.legacy ? undefined : extra['preview_method'];
  const previews = method === undefined || method === 'default' ? core.options.previews : method !== 'none';
  return { ...item, extraData: extra, clientId: typeof client === 'string' ? client : null, previews };
}

function refusal(error: unknown, nodeErrors: unknown): SimulatedReply {
  return json({ error, node_errors: nodeErrors }, 400);
}

/** 0.33.0 insists on a canonical lowercase UUID; 0.3.64 takes anything as text. */
function readPromptId(given: unknown, legacy: boolean): string | null {
  if (given === undefined || (given === null && !legacy)) return randomUUID();
  if (legacy) return given === null ? 'None' : String(given);
  return typeof given === 'string' && UUID.test(given) ? given : null;
}

/** A finished prompt as the script wants it told. */
function told(lie: BehaviourScript['lieAboutHistory'], id: string, entry: HistoryEntry): object {
  switch (lie) {
    case 'empty':
      return {};
    case 'other':
      return { [randomUUID()]: entry };
    case 'garbage':
      return { [id]: { prompt: 7, outputs: 'none', meta: null, status: ['success'] } };
    default:
      return { [id]: entry };
  }
}

function historyPage(core: ServerCore, query: URLSearchParams): Record<string, unknown> {
  const entries = [...core.queue.history];
  const maximum = query.has('max_items') ? toNumber(query.get('max_items')) : null;
  let offset = query.has('offset') ? toNumber(query.get('offset')) : -1;
  if (offset < 0 && maximum !== null) offset = entries.length - maximum;
  const from = Math.max(0, offset);
  return Object.fromEntries(entries.slice(from, maximum === null ? undefined : from + maximum));
}

/** Throws, as Python would, for what is no number: the reply is then a 500. */
function toNumber(value: unknown): number {
  const number = Number(value);
  if (Number.isNaN(number)) throw new Error(`could not convert to a number: ${String(value)}`);
  return number;
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Error('The body must be a JSON object.');
  return value;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asPrompt(value: unknown): Prompt {
  const prompt: Record<string, Prompt[string]> = {};
  for (const [id, node] of Object.entries(asRecord(value))) {
    const record = asRecord(node);
    const meta =
      isRecord(record['_meta']) && typeof record['_meta']['title'] === 'string'
        ? { title: record['_meta']['title'] }
        : null;
    const inputs = isRecord(record['inputs']) ? { ...record['inputs'] } : {};
    const known = { ...record, inputs, class_type: record['class_type'] };
    if (typeof known.class_type === 'string')
      prompt[id] = { ...known, class_type: known.class_type, ...(meta ? { _meta: meta } : {}) };
    else prompt[id] = { inputs, class_type: '', ...(meta ? { _meta: meta } : {}) };
  }
  return prompt;
}
