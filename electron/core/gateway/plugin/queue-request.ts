import { isUsable } from '../../../../shared/condition.ts';
import type { InstanceSnapshot } from '../../../../shared/model.ts';
import { COLLECTOR, TILED_UPSCALE } from '../../graph/distributed-nodes.ts';
import { isRecord } from '../../plain-data.ts';
import { pythonText } from '../prompt/python-words.ts';
import { isMeant, workersOf } from './plugin-config.ts';
import { type Fields, PluginRefusal } from './plugin-replies.ts';

/** What is posted to /distributed/queue, read as the plugin reads it. Pure. */

/** Characters that go into the log. */
const MOST_TRACE = 200;

export interface QueueRequest {
  readonly prompt: Fields;
  /** What the page keeps with pictures; null without. */
  readonly workflow: unknown;
  readonly clientId: string;
  readonly workers: readonly string[];
  /** null: as the master's toggle says. */
  readonly delegateMaster: boolean | null;
  /** For the log. */
  readonly trace: string | null;
}

/** @throws PluginRefusal(400) in the plugin's own words */
export function readQueueRequest(body: Fields): QueueRequest {
  if (typeof (body['auto_prepare'] ?? true) !== 'boolean')
    throw bad('auto_prepare must be a boolean when provided');
  const prompt = body['prompt'] ?? promptIn(body['workflow']);
  if (!isRecord(prompt)) throw bad("Field 'prompt' must be an object");
  const workers = workersIn(body);
  const delegate = body['delegate_master'] ?? null;
  if (delegate !== null && typeof delegate !== 'boolean')
    throw bad('delegate_master must be a boolean when provided');
  const clientId = body['client_id'];
  if (typeof clientId !== 'string' || clientId.trim() === '') throw bad('client_id required');
  const trace = body['trace_execution_id'] ?? null;
  if (trace !== null && typeof trace !== 'string')
    throw bad('trace_execution_id must be a string when provided');
  return {
    ...{ prompt, workflow: body['workflow'] ?? null, clientId: clientId.trim(), workers },
    ...{ delegateMaster: delegate, trace: trace?.trim().slice(0, MOST_TRACE) || null },
  };
}

/**
 * Who takes part: the workers that are named and up, and the master unless it only orchestrates; alone, it renders in any
 * case.
 */
export function participantsFor(
  { workers: wanted, delegateMaster }: Pick<QueueRequest, 'workers' | 'delegateMaster'>,
  instances: readonly InstanceSnapshot[],
): readonly string[] {
  const master = instances.find(({ role }) => role === 'master');
  const workers = workersOf(instances)
    .filter((worker) => isUsable(worker) && wanted.some((id) => isMeant(worker, id)))
    .map(({ id }) => id);
  const delegates = delegateMaster ?? master?.selected === false;
  return master === undefined || (delegates && workers.length > 0) ? workers : [master.id, ...workers];
}

/** The plugin counts workers only where something is gathered from them. */
export function gathers(prompt: Fields): boolean {
  return Object.values(prompt).some(
    (node) => isRecord(node) && [COLLECTOR, TILED_UPSCALE].includes(String(node['class_type'])),
  );
}

function promptIn(workflow: unknown): unknown {
  return isRecord(workflow) ? workflow['prompt'] : null;
}

function workersIn(body: Fields): readonly string[] {
  const ids = body['enabled_worker_ids'] ?? null;
  if (ids !== null) {
    if (!Array.isArray(ids)) throw bad('enabled_worker_ids must be a list of worker IDs');
    return named(ids);
  }
  const workers = body['workers'] ?? null;
  if (workers === null) throw bad('enabled_worker_ids required');
  if (!Array.isArray(workers)) throw bad("Field 'workers' must be a list when provided");
  const given = workers.map((one: unknown) => (isRecord(one) ? one['id'] : one));
  return named(given.filter((id) => id !== null && id !== undefined));
}

function named(ids: readonly unknown[]): readonly string[] {
  return ids.map((id) => pythonText(id).trim()).filter((id) => id !== '');
}

function bad(message: string): PluginRefusal {
  return new PluginRefusal(400, message);
}
