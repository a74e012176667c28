import type { InstanceSnapshot } from '../../../../shared/model.ts';
import type { RunFolders } from '../../runs/run-fleet.ts';
import type { FleetQuestions } from '../fleet-questions.ts';
import type { Routes } from '../http/router.ts';
import { callerOf } from '../routes.ts';
import { checkFile, loadImage } from './files.ts';
import { localLog, workerLog } from './logs.ts';
import { networkInfo, systemInfo, thisMachine } from './machine.ts';
import {
  cudaIndex,
  isMeant,
  managedWorkers,
  NO_TUNNEL,
  type PluginFacts,
  pluginConfig,
  workerStatuses,
  workersOf,
} from './plugin-config.ts';
import { countIn, type Fields, fieldsIn, PluginRefusal, told } from './plugin-replies.ts';
import { type QueueDeps, queueAsPlugin } from './queue.ts';
import { readQueueRequest } from './queue-request.ts';

export interface PluginDeps extends QueueDeps {
  readonly questions: FleetQuestions;
  readonly folders: () => Pick<RunFolders, 'input' | 'output' | 'temp'>;
  readonly facts: () => PluginFacts;
}

/**
 * The routes of the ComfyUI-Distributed plugin, for scripts that were written for it: prompts go to our queue, questions are
 * answered from our fleet. What would change the fleet is refused: who may queue prompts may not start programs.
 */
export function pluginRoutes(deps: PluginDeps): Routes {
  return { ...promptRoutes(deps), ...fleetRoutes(deps), ...logRoutes(deps), ...refusedRoutes(deps) };
}

function promptRoutes(deps: PluginDeps): Routes {
  return {
    'POST /distributed/queue': told(async (call) =>
      queueAsPlugin(readQueueRequest(await fieldsIn(call)), callerOf(call), deps),
    ),
    'GET /distributed/queue_status/*': told(({ parts: [id = ''] }) => ({
      exists: deps.jobs.runOf(id) !== null,
      job_id: id,
    })),
    'GET /distributed/job_status': told(() => ({ ready: false })),
    'POST /distributed/check_file': told(async (call) => checkFile(await fieldsIn(call), deps.folders())),
    'POST /distributed/load_image': told(async (call) => loadImage(await fieldsIn(call), deps.folders())),
    'POST /distributed/clear_memory': told(async () => {
      await deps.questions.postToAll('/free', { unload_models: true, free_memory: true });
      return { status: 'success', message: 'GPU memory cleared.' };
    }),
  };
}

function fleetRoutes({ questions, facts }: PluginDeps): Routes {
  const instances = (): readonly InstanceSnapshot[] => questions.fleet.instances();
  return {
    'GET /distributed/config': told(() => pluginConfig(instances(), facts())),
    'GET /distributed/network_info': told(() => {
      const { gpus } = facts();
      const { master } = questions;
      return networkInfo(thisMachine(), master === null ? null : cudaIndex(master, gpus), gpus.length);
    }),
    'GET /distributed/system_info': told(() => systemInfo(thisMachine())),
    'GET /distributed/managed_workers': told(() => ({
      status: 'success',
      managed_workers: managedWorkers(instances()),
    })),
    'GET /distributed/local-worker-status': told(() => ({
      status: 'success',
      worker_statuses: workerStatuses(instances()),
    })),
    'GET /distributed/tunnel/status': told(() => ({
      status: 'success',
      tunnel: { ...NO_TUNNEL, public_url: null, last_error: null, binary_path: null, recent_logs: [] },
      master_host: '',
    })),
    'POST /distributed/worker/clear_launching': told(async (call) => {
      workerNamed(questions, await fieldsIn(call));
      return { status: 'success' };
    }),
  };
}

function logRoutes({ questions }: PluginDeps): Routes {
  return {
    'GET /distributed/local_log': told(({ query }) => {
      const { master } = questions;
      if (master === null) throw new PluginRefusal(500, 'The fleet is still being set up.');
      return localLog(questions, master, countIn(query, 'lines', 300, 3_000));
    }),
    'GET /distributed/worker_log/*': told(({ query, parts: [id] }) =>
      workerLog(questions, workerNamed(questions, { worker_id: id }), countIn(query, 'lines', 1_000, 10_000)),
    ),
    'GET /distributed/remote_worker_log/*': told(({ query, parts: [id] }) => {
      const worker = workerNamed(questions, { worker_id: id });
      if (worker.type === 'local') {
        const instead = `/distributed/worker_log/${worker.id}`;
        throw new PluginRefusal(400, `Worker ${worker.id} is local; use ${instead} instead.`);
      }
      return localLog(questions, worker, countIn(query, 'lines', 300, 3_000));
    }),
  };
}

function refusedRoutes({ questions }: PluginDeps): Routes {
  const ofWorker = (words: (worker: InstanceSnapshot) => PluginRefusal) =>
    told(async (call): Promise<Fields> => {
      throw words(workerNamed(questions, await fieldsIn(call)));
    });
  const always = (status: number, words: string) =>
    told((): Fields => {
      throw new PluginRefusal(status, words);
    });
  const settings = always(403, 'The fleet is set up in Comfy Ensemble itself: open its Settings.');
  const edited = ofWorker(
    ({ name }) => new PluginRefusal(403, `${name} is changed in Comfy Ensemble itself: open its card there.`),
  );
  const noTunnel = always(403, 'Comfy Ensemble opens no tunnel through this address.');
  const noJob = always(404, 'Job not found: workers of this fleet are stock ComfyUI and hand in nothing.');
  return {
    'POST /distributed/launch_worker': ofWorker(launchRefusal),
    'POST /distributed/stop_worker': ofWorker(
      ({ id, name }) =>
        new PluginRefusal(
          403,
          `${name} is stopped in Comfy Ensemble itself, or with: npx ensemble stop ${id}`,
        ),
    ),
    'POST /distributed/config': settings,
    'POST /distributed/config/update_setting': settings,
    'POST /distributed/config/update_master': settings,
    'POST /distributed/config/update_worker': edited,
    'POST /distributed/config/delete_worker': edited,
    'POST /distributed/tunnel/start': noTunnel,
    'POST /distributed/tunnel/stop': noTunnel,
    ...Object.fromEntries(HANDED_IN.map((name) => [`POST /distributed/${name}`, noJob])),
  };
}

/** By what workers with the plugin hand their results in. */
const HANDED_IN = [
  ...['prepare_job', 'job_complete', 'heartbeat', 'request_image', 'submit_tiles', 'submit_image'],
];

/** Scripts launch what may run already, and go on when they are told so. */
function launchRefusal({ id, name, link }: InstanceSnapshot): PluginRefusal {
  if (link.status === 'up')
    return new PluginRefusal(409, 'Worker already running (managed by Comfy Ensemble)');
  return new PluginRefusal(
    403,
    `${name} is started in Comfy Ensemble itself, or with: npx ensemble start ${id}`,
  );
}

/** @throws PluginRefusal 400 without an id, 404 for an unknown one */
function workerNamed({ fleet }: FleetQuestions, { worker_id: given }: Fields): InstanceSnapshot {
  const id = typeof given === 'number' ? String(given) : given;
  if (typeof id !== 'string' || id.trim() === '')
    throw new PluginRefusal(400, 'Missing required field(s): worker_id');
  const worker = workersOf(fleet.instances()).find((one) => isMeant(one, id.trim()));
  if (worker === undefined) throw new PluginRefusal(404, `Worker ${id.trim()} not found`);
  return worker;
}
