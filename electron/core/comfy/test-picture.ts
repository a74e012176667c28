import { randomUUID } from 'node:crypto';
import { EnsembleError, toEnvelope } from '../../../shared/errors.ts';
import type { TestPicture } from '../../../shared/model.ts';
import type { Clock, Logger, Random } from '../ports.ts';
import { ComfyHttp } from './http.ts';
import type { InstanceMonitor } from './monitor.ts';
import { PictureStore } from './picture-store.ts';
import type { ApiPrompt } from './prompt.ts';
import { followPrompt } from './prompt-run.ts';
import { comboOptions } from './replies.ts';
import { progressOf } from './run-progress.ts';
import type { ServerAddress } from './server-address.ts';
import { submitOnce } from './submit-once.ts';
import { modelFreeWorkflow, txt2imgWorkflow } from './test-workflows.ts';

/** Loading a large model from a slow disk and sampling on a processor fit in; a hang does not last for ever. */
const LIMIT_MS = 30 * 60_000;

export interface TestPictureTarget {
  readonly id: string;
  readonly name: string;
  readonly address: ServerAddress;
  /** Computes on the processor: a smaller picture. */
  readonly cpu: boolean;
  /** Its socket gets the events, so that the card shows step and preview of this very prompt. */
  readonly monitor: Pick<InstanceMonitor, 'clientId' | 'onMessage' | 'knowPrompt'>;
}

export interface TestPictureDeps {
  /** Holds the PNG files. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

interface Job {
  readonly promptId: string;
  readonly target: TestPictureTarget;
  readonly http: ComfyHttp;
  readonly signal: AbortSignal;
  readonly update: (change: Partial<TestPicture>) => void;
}

/** "Queue a test picture": a small workflow on one instance, followed to its picture. */
export class TestPictureRunner {
  readonly #deps: TestPictureDeps;
  readonly #store: PictureStore;
  readonly #busy = new Map<string, AbortController>();

  constructor(deps: TestPictureDeps) {
    this.#deps = deps;
    this.#store = new PictureStore(deps.directory);
  }

  /** Path of a finished picture's PNG, or null. */
  file(id: string): string | null {
    return this.#store.file(id);
  }

  /**
   * Returns at once with the picture's id; everything after that, failures too, arrives through `onPicture`.
   * @throws EnsembleError('conflict') while one is under way on that instance
   */
  async queue(target: TestPictureTarget, onPicture: (picture: TestPicture) => void): Promise<string> {
    if (this.#busy.has(target.id)) {
      throw new EnsembleError(
        'conflict',
        `A test picture is already under way on ${target.name}.`,
        'Wait until it is done.',
      );
    }
    const controller = new AbortController();
    this.#busy.set(target.id, controller);
    const { clock } = this.#deps;
    const promptId = randomUUID();
    let picture = newPicture(promptId, clock.now());
    onPicture(picture);
    const update = (change: Partial<TestPicture>): void => {
      picture = { ...picture, ...change };
      if (!controller.signal.aborted || change.status === 'failed') onPicture(picture);
    };
    const http = new ComfyHttp(target.address, { clock });
    const cancelLimit = clock.after(LIMIT_MS, () => controller.abort(tooSlow()));
    void this.#run({ promptId, target, http, signal: controller.signal, update }).finally(() => {
      cancelLimit();
      this.#busy.delete(target.id);
    });
    return promptId;
  }

  /** Lets go of what is under way; the servers go on with it. */
  close(): void {
    const reason = new EnsembleError('unavailable', 'The control center was closed in the middle.', null);
    for (const controller of this.#busy.values()) controller.abort(reason);
  }

  async #run(job: Job): Promise<void> {
    const { clock, logger } = this.#deps;
    const { promptId, target, http, signal, update } = job;
    let begun = clock.now();
    try {
      const prompt = await this.#choose(job);
      target.monitor.knowPrompt(promptId, prompt);
      const unsubscribe = this.#showProgress(job, Object.keys(prompt).length, () => {
        begun = clock.now();
      });
      try {
        await this.#submit(job, prompt);
        const [file] = await followPrompt(promptId, {
          http,
          onMessage: (listener) => target.monitor.onMessage(listener),
          clock,
          signal,
        });
        if (file === undefined) throw new EnsembleError('unavailable', 'It ended without a picture.', null);
        await this.#store.keep(promptId, await http.file(file, signal));
      } finally {
        unsubscribe();
      }
      const seconds = Math.max(0, clock.now() - begun) / 1000;
      update({ status: 'done', seconds, url: `/files/pictures/${promptId}.png` });
    } catch (error) {
      const { message, hint } = toEnvelope(error);
      logger.warn('test picture failed', { instance: target.id, message });
      update({ status: 'failed', error: hint === null ? message : `${message} ${hint}` });
    }
  }

  async #choose({ target, http, signal, update }: Job): Promise<ApiPrompt> {
    const { random } = this.#deps;
    const info = await http.objectInfo('CheckpointLoaderSimple', signal);
    const [checkpoint] = comboOptions(info, 'CheckpointLoaderSimple', 'ckpt_name');
    if (checkpoint === undefined) return modelFreeWorkflow(random);
    update({ workflow: 'txt2img' });
    return txt2imgWorkflow(checkpoint, target.cpu, random);
  }

  async #submit({ promptId, target, http, signal }: Job, prompt: ApiPrompt): Promise<void> {
    const { clientId } = target.monitor;
    // Asks 0.33 for previews even when it was started without them; 0.3.64 goes by its command line.
    const extraData = { preview_method: 'auto' };
    await submitOnce({ prompt, promptId, clientId, extraData }, { http, clock: this.#deps.clock, signal });
  }

  #showProgress({ promptId, target, update }: Job, nodes: number, onBegin: () => void): () => void {
    return target.monitor.onMessage((message) => {
      if (message.type === 'execution_start' && message.data.prompt_id === promptId) {
        // Seconds count from here: waiting behind other prompts says nothing about the instance.
        onBegin();
        update({ status: 'running', step: 0, steps: nodes });
        return;
      }
      const progress = progressOf(message, promptId, nodes);
      if (progress !== null) update({ status: 'running', ...progress });
    });
  }
}

function newPicture(id: string, at: number): TestPicture {
  return {
    id,
    status: 'queued',
    at,
    step: null,
    steps: null,
    url: null,
    workflow: 'model-free',
    seconds: null,
    error: null,
  };
}

function tooSlow(): EnsembleError {
  const minutes = Math.round(LIMIT_MS / 60_000);
  return new EnsembleError('timeout', `There was no picture after ${minutes} minutes.`, 'Look at the log.');
}
