import { isRecord } from '../../plain-data.ts';
import type { Logger } from '../../ports.ts';
import type { Journal } from '../../runs/records.ts';
import type { FleetQuestions } from '../fleet-questions.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Submitter } from '../prompt/submitter.ts';
import { type Fields, PluginRefusal } from './plugin-replies.ts';
import { gathers, participantsFor, type QueueRequest } from './queue-request.ts';

/** Problems of nodes in one sentence; all of them stand beside it. */
const MOST_TOLD = 5;

export interface QueueDeps {
  readonly questions: Pick<FleetQuestions, 'fleet'>;
  readonly submitter: () => Pick<Submitter, 'submit'>;
  readonly jobs: Pick<Jobs, 'runOf'>;
  readonly journal: () => Pick<Journal, 'run' | 'shards'>;
  readonly logger: Logger;
}

/**
 * POST /distributed/queue: a prompt like any other, on the instances that the plugin would have asked.
 * @throws PluginRefusal(500) when it is not taken, as the plugin answers then
 */
export async function queueAsPlugin(asked: QueueRequest, caller: string, deps: QueueDeps): Promise<Fields> {
  const instances = deps.questions.fleet.instances();
  const participants = participantsFor(asked, instances);
  if (participants.length === 0) throw new PluginRefusal(500, 'The fleet is still being set up.');
  const extra_data = {
    ...(isGiven(asked.workflow) ? { extra_pnginfo: { workflow: asked.workflow } } : {}),
    ensemble: { participants },
  };
  const body = { prompt: asked.prompt, client_id: asked.clientId, extra_data };
  const answer = await deps.submitter().submit(body, caller);
  if (answer.status !== 200) throw refusalFor(answer.body);
  const { prompt_id, number, node_errors } = isRecord(answer.body) ? answer.body : {};
  deps.logger.info('a prompt came by the plugin’s queue', { prompt: String(prompt_id), trace: asked.trace });
  const worker_count = gathers(asked.prompt) ? workerCount(String(prompt_id), deps) : 0;
  return { prompt_id, number, node_errors, worker_count, auto_prepare_supported: true };
}

/** Workers that get something to compute. */
function workerCount(promptId: string, { jobs, journal, questions }: QueueDeps): number {
  const runId = jobs.runOf(promptId);
  const run = runId === null ? null : journal().run(runId);
  if (run === null) return 0;
  const master = questions.fleet.instances().find(({ role }) => role === 'master')?.id;
  const workers = run.participants.filter(({ id }) => id !== master).length;
  return Math.min(workers, journal().shards(run.id, workers).length);
}

/** ComfyUI's refusal in one line, with what it says of the nodes. */
function refusalFor(body: unknown): PluginRefusal {
  const { error, node_errors: nodeErrors } = isRecord(body) ? body : {};
  const { message, details } = isRecord(error) ? error : {};
  const given = details === message ? '' : String(details ?? '');
  const more = given.replaceAll('\n', '; ') || nodesInWords(nodeErrors);
  const what = `Invalid prompt: ${String(message)}`;
  const words = more === '' ? what : `${what.replace(/\.$/, '')}: ${more}`;
  return new PluginRefusal(500, words, { node_errors: nodeErrors ?? {} });
}

function nodesInWords(nodeErrors: unknown): string {
  const nodes = isRecord(nodeErrors) ? Object.entries(nodeErrors) : [];
  const words = nodes.flatMap(([id, node]) => {
    const { class_type: className, errors } = isRecord(node) ? node : {};
    const told: readonly unknown[] = Array.isArray(errors) ? errors : [];
    return told.filter(isRecord).map(({ message, details }) => {
      const about = details === undefined || details === '' ? '' : ` (${String(details)})`;
      return `${String(className)} (node ${id}): ${String(message)}${about}`;
    });
  });
  return words.slice(0, MOST_TOLD).join('; ');
}

function isGiven(workflow: unknown): boolean {
  return isRecord(workflow) ? Object.keys(workflow).length > 0 : Boolean(workflow);
}
