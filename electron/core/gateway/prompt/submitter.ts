import { randomUUID } from 'node:crypto';
import { EnsembleError } from '../../../../shared/errors.ts';
import type { InstanceSnapshot } from '../../../../shared/model.ts';
import type { Distribution } from '../../../../shared/settings.ts';
import type { ApiPrompt } from '../../comfy/prompt.ts';
import type { NodeCatalog } from '../../graph/catalog.ts';
import { upstream } from '../../graph/node-graph.ts';
import { inputsOf } from '../../media/inputs-of.ts';
import { isRecord } from '../../plain-data.ts';
import type { Clock } from '../../ports.ts';
import type { RunService } from '../../runs/run-service.ts';
import { exactText } from '../http/replies.ts';
import { Job } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { inQueueOrder } from '../jobs/queue-order.ts';
import { distributed } from './default-distribution.ts';
import type { FleetCatalogs } from './fleet-catalogs.ts';
import type { MasterFiles } from './master-files.ts';
import { customProblem, type Problem, type Refusal } from './problems.ts';
import { refusalOfRun } from './refusal-of-run.ts';
import { type PromptRequest, readPromptRequest } from './request.ts';
import { type Judged, judgePrompt } from './validate.ts';

export interface SubmitterDeps {
  readonly service: Pick<RunService, 'submit' | 'move' | 'plan'>;
  readonly files: Pick<MasterFiles, 'problemOf'>;
  readonly catalogs: FleetCatalogs;
  readonly jobs: Jobs;
  readonly store: JobStore;
  readonly clock: Clock;
  readonly master: () => InstanceSnapshot | null;
  /** Of prompts that say nothing. */
  readonly distribution: () => Distribution;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** POST /prompt: judged as ComfyUI judges, then a run like any other. */
export class Submitter {
  constructor(private readonly deps: SubmitterDeps) {}

  /**
   * @param caller address and program of whoever posts it
   * @throws RangeError for a number that is none
   */
  async submit(body: unknown, caller: string): Promise<Answer> {
    const request = readPromptRequest(body, this.#isLegacy);
    if ('error' in request) return { status: 400, body: request };
    // ComfyUI counts what it refuses as well.
    const counted = request.number === null ? this.deps.store.nextNumber() : null;
    const judged = await this.#judge(request);
    if (judged === null) return NOBODY;
    if ('error' in judged) return { status: 400, body: judged };
    const number = request.number ?? (request.front ? -(counted ?? 0) : (counted ?? 0));
    try {
      const promptId = await this.#accept(request, judged, number, caller);
      return { status: 200, body: { prompt_id: promptId, number, node_errors: judged.nodeErrors } };
    } catch (error) {
      return refusalOfRun(error, request.prompt);
    }
  }

  get #isLegacy(): boolean {
    return this.deps.master()?.server?.comfyuiVersion?.startsWith('0.3.') ?? false;
  }

  /** Lists may be older than the model that somebody has just added: a refusal is looked at twice. */
  async #judge(request: PromptRequest): Promise<Judged | Refusal | null> {
    const { catalogs } = this.deps;
    for (const fresh of [false, true]) {
      const catalog = await catalogs.merged(fresh);
      if (catalog === null) return null;
      const { prompt, targets } = request;
      const known = await this.#missingFiles(prompt, catalog);
      const judged = judgePrompt(prompt, targets, { catalog, legacy: this.#isLegacy, known });
      if (fresh || !isAboutLists(judged)) return judged;
    }
    return null;
  }

  async #missingFiles(
    prompt: ApiPrompt,
    catalog: NodeCatalog,
  ): Promise<ReadonlyMap<string, readonly Problem[]>> {
    const problems = new Map<string, readonly Problem[]>();
    for (const input of inputsOf(prompt, catalog)) {
      if (!input.sure) continue;
      const why = await this.deps.files.problemOf(input);
      if (why === null) continue;
      const what =
        /^Load(Image|Audio|Video|Latent)/.exec(prompt[input.nodeId]?.class_type ?? '')?.[1] ?? 'Image';
      const problem = customProblem(input.input, `Invalid ${what.toLowerCase()} file: ${input.raw}${why}`);
      problems.set(input.nodeId, [...(problems.get(input.nodeId) ?? []), problem]);
    }
    return problems;
  }

  async #accept(request: PromptRequest, judged: Judged, number: number, caller: string): Promise<string> {
    const { service, jobs, clock, store } = this.deps;
    const promptId = request.promptId ?? randomUUID();
    const createdAt = clock.now();
    const workflow = workflowOf(request, judged);
    const options = request.saysHow
      ? request.options
      : await distributed(this.deps.distribution(), workflow, request.options, service);
    const accepted: { id: string | null } = { id: null };
    try {
      await service.submit(nameOf(request, number), workflow, options, (run) => {
        const record = {
          ...{ runId: run.id, promptId, number, clientId: request.clientId, caller, createdAt },
          prompt: exactText(request.posted),
          extraData: exactText({
            ...request.extraData,
            ...(this.#isLegacy ? {} : { create_time: createdAt }),
          }),
          outputs: JSON.stringify(judged.outputs),
        };
        accepted.id = run.id;
        jobs.add(new Job(record, request.secrets));
      });
    } catch (error) {
      // Written down, and then not journaled after all.
      if (accepted.id !== null) {
        jobs.forget(accepted.id);
        store.finished.remove(accepted.id);
      }
      throw error;
    }
    if (request.number !== null && accepted.id !== null) this.#place(accepted.id, number);
    return promptId;
  }

  /** In front of the first that waits and has a larger number. */
  #place(runId: string, number: number): void {
    const { jobs, service } = this.deps;
    const waiting = inQueueOrder(jobs.all.filter(({ isRunning }) => !isRunning));
    const next = waiting.find(({ record }) => record.number > number && record.runId !== runId);
    if (next === undefined) return;
    try {
      service.move(runId, next.record.runId);
    } catch (error) {
      // One of the two has ended meanwhile: there is no order between them any more.
      if (!(error instanceof EnsembleError)) throw error;
    }
  }
}

const NOBODY: Answer = {
  status: 503,
  body: {
    error: {
      type: 'no_server',
      message: 'No ComfyUI of the fleet answers now.',
      details: 'Start the master or a worker in Comfy Ensemble.',
      extra_info: {},
    },
    node_errors: {},
  },
};

function isAboutLists(judged: Judged | Refusal): boolean {
  if ('error' in judged && ['missing_node_type', 'invalid_prompt'].includes(judged.error.type)) return true;
  const errors = 'error' in judged ? judged.node_errors : judged.nodeErrors;
  return Object.values(errors).some((node) => node.errors.some(({ type }) => type === 'value_not_in_list'));
}

/** What the compiler gets: without the outputs that do not run. */
function workflowOf({ prompt, extraData }: PromptRequest, { outputs }: Judged): string {
  const nodes = new Map(Object.entries(prompt));
  const wanted = upstream(nodes, outputs);
  const kept = Object.fromEntries(Object.entries(prompt).filter(([id]) => wanted.has(id)));
  const info = extraData['extra_pnginfo'];
  return exactText({ prompt: kept, ...(info === undefined ? {} : { extra_data: { extra_pnginfo: info } }) });
}

function nameOf({ extraData }: PromptRequest, number: number): string {
  const info = extraData['extra_pnginfo'];
  const workflow = isRecord(info) ? info['workflow'] : null;
  const name = isRecord(workflow) ? workflow['name'] : null;
  return typeof name === 'string' && name.trim() !== '' ? name.slice(0, 200) : `Prompt ${Math.abs(number)}`;
}
