import { messageOf } from '../../../shared/errors.ts';
import { isRecord } from '../plain-data.ts';
import type { Controls } from './controls.ts';
import { fleetFeatures } from './features.ts';
import type { FleetQuestions } from './fleet-questions.ts';
import { readAway, readJson, readText } from './http/body.ts';
import { sendEmpty, sendJson, sendJsonPieces, sendJsonText, sendText, sendTrouble } from './http/replies.ts';
import type { Call, Routes } from './http/router.ts';
import { queueText, readPage } from './jobs/history.ts';
import type { JobStore } from './jobs/job-store.ts';
import type { Jobs } from './jobs/jobs.ts';
import { fleetObjectInfo } from './object-info.ts';
import type { Submitter } from './prompt/submitter.ts';
import { fleetStats } from './system-stats.ts';
import { type ViewDeps, view } from './view.ts';

export interface RouteDeps extends ViewDeps {
  readonly jobs: Jobs;
  readonly store: JobStore;
  readonly controls: Controls;
  readonly submitter: () => Submitter;
  readonly questions: FleetQuestions;
}

/** What the gateway answers itself, bare and below /api alike. Everything else is the master's. */
export function fleetRoutes(deps: RouteDeps): Routes {
  return { ...promptRoutes(deps), ...queueRoutes(deps), ...infoRoutes(deps) };
}

function promptRoutes({ jobs, submitter, controls, questions }: RouteDeps): Routes {
  return {
    'GET /prompt': ({ response }) => sendJson(response, { exec_info: { queue_remaining: jobs.all.length } }),
    'POST /prompt': async ({ request, response }) => {
      const body = readJson(await readText(request));
      const { status, body: answer } = await submitter().submit(body, callerOf({ request }));
      sendJson(response, answer, status);
    },
    'POST /interrupt': async ({ request, response, query }) => {
      const body = await readText(request)
        .then(readJson)
        .catch(() => ({}));
      const { prompt_id: promptId, client_id: given } = isRecord(body) ? body : {};
      const clientId = given ?? query.get('clientId');
      if (typeof promptId === 'string' && promptId !== '') controls.interrupt(promptId);
      else controls.interruptOf(callerOf({ request }), typeof clientId === 'string' ? clientId : null);
      sendEmpty(response);
    },
    'POST /free': async ({ request, response }) => {
      const body = await recordIn({ request });
      await questions.postToAll('/free', body);
      sendEmpty(response);
    },
  };
}

function queueRoutes({ jobs, store, controls }: RouteDeps): Routes {
  return {
    'GET /queue': ({ response }) => sendJsonText(response, queueText(jobs)),
    'POST /queue': async ({ request, response }) => {
      const body = await recordIn({ request });
      if (body['clear']) controls.clear();
      for (const id of listIn(body['delete'])) controls.dequeue(String(id));
      sendEmpty(response);
    },
    'GET /history': ({ response, query }) => {
      const { offset, limit } = readPage(query);
      return sendJsonPieces(response, store.finished.history(offset, limit));
    },
    'GET /history/*': ({ response, parts: [id = ''] }) => sendJsonText(response, store.finished.entry(id)),
    'POST /history': async ({ request, response }) => {
      const body = await recordIn({ request });
      if (body['clear']) store.finished.clear(null);
      for (const id of listIn(body['delete'])) store.finished.clear(String(id));
      sendEmpty(response);
    },
  };
}

function infoRoutes(deps: RouteDeps): Routes {
  const { questions } = deps;
  const objectInfo = async ({ response, parts: [className] }: Call): Promise<void> => {
    const text = await fleetObjectInfo(questions, className ?? null);
    if (text === null) sendText(response, 'No ComfyUI of the fleet answers now.\n', 503);
    else sendJsonText(response, text);
  };
  return {
    'GET /object_info': objectInfo,
    'GET /object_info/*': objectInfo,
    'GET /features': async ({ response }) => sendJson(response, await fleetFeatures(questions)),
    'GET /system_stats': async ({ response }) => {
      const stats = await fleetStats(questions);
      if (stats === null) sendText(response, 'No ComfyUI of the fleet answers now.\n', 503);
      else sendJson(response, stats);
    },
    'GET /view': (call) => view(call, deps),
  };
}

/** Programs of one machine are told apart by their names: it is all that a request says of who sends it. */
export function callerOf({ request }: Pick<Call, 'request'>): string {
  return `${request.socket.remoteAddress ?? ''} ${request.headers['user-agent'] ?? ''}`;
}

/** @throws TypeError for what is no object: ComfyUI answers 500 then */
async function recordIn({ request }: Pick<Call, 'request'>): Promise<Readonly<Record<string, unknown>>> {
  const body = readJson(await readText(request));
  if (!isRecord(body)) throw new TypeError('The body is no JSON object.');
  return body;
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A handler of ComfyUI that fails says so in plain text, whatever the reason. */
export function answerFailure(
  { request, response }: Pick<Call, 'request' | 'response'>,
  error: unknown,
  tell: (why: string) => void,
): void {
  const tooLarge = isRecord(error) && error['code'] === 'too-large';
  tell(messageOf(error));
  readAway(request);
  if (tooLarge) sendText(response, `${messageOf(error)}\n`, 413);
  else sendTrouble(response);
}
