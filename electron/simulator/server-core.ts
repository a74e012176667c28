import { Executor } from './graph/executor.ts';
import { PromptQueue, type QueueItem } from './graph/prompt-queue.ts';
import type { ValidationContext } from './graph/validate.ts';
import { SocketHub } from './http/hub.ts';
import type { Device } from './machine/device.ts';
import type { LogBook, Severity } from './machine/log-book.ts';
import { type Catalog, catalogWithout } from './nodes/catalog.ts';
import type { ListContext } from './nodes/definition.ts';
import { listFiles } from './nodes/files.ts';
import type { ServerOptions } from './options.ts';
import { type BehaviourScript, isLegacy } from './script.ts';

const CHECKPOINTS = ['aurora_xl_v2.safetensors', 'fjord_painter_v1.safetensors', 'lantern_sd15.safetensors'];
const DIFFUSION_MODELS = ['nimbus_dit_fp8.safetensors'];
const TEXT_ENCODERS = ['nimbus_clip_l.safetensors', 'nimbus_t5_fp8.safetensors'];
const VAES = ['nimbus_vae.safetensors', 'pixel_space'];
const LORAS = ['golden_hour.safetensors', 'ink_wash.safetensors'];

export interface ServerCoreOptions {
  readonly options: ServerOptions;
  readonly script: BehaviourScript;
  readonly version: string;
  readonly device: Device;
  readonly logBook: LogBook;
  readonly onStep: (step: number) => Promise<void>;
}

/** The state behind all routes: queue, executor, sockets, and the loop that runs one prompt after another. */
export class ServerCore {
  readonly options: ServerOptions;
  readonly version: string;
  readonly legacy: boolean;
  readonly device: Device;
  readonly logBook: LogBook;
  readonly queue: PromptQueue;
  readonly executor: Executor;
  readonly hub: SocketHub;
  readonly features: Readonly<Record<string, unknown>>;
  readonly catalog: Catalog;
  readonly lists: ListContext;
  readonly validation: ValidationContext;
  readonly script: BehaviourScript;
  readonly #forgotten = new Set<unknown>();
  #number = 0;
  #looping = false;
  #flags = { unload: false, forget: false };

  constructor({ options, script, version, device, logBook, onStep }: ServerCoreOptions) {
    this.options = options;
    this.version = version;
    this.legacy = isLegacy(version);
    this.device = device;
    this.logBook = logBook;
    this.script = script;
    this.features = featuresOf(this.legacy, options.maxUpload);
    this.catalog = catalogWithout(script.missingNodes ?? []);
    this.lists = {
      checkpoints: script.checkpoints ?? CHECKPOINTS,
      loras: script.loras ?? LORAS,
      diffusionModels: script.diffusionModels ?? DIFFUSION_MODELS,
      textEncoders: script.textEncoders ?? TEXT_ENCODERS,
      vaes: script.vaes ?? VAES,
      inputFiles: () => listFiles(options.directories.input),
    };
    this.validation = { catalog: this.catalog, legacy: this.legacy, lists: this.lists, options };
    this.hub = new SocketHub({
      features: this.features,
      duplicate: script.duplicateMessages ?? false,
      status: () => this.queueInfo(),
      currentNode: (client) => (this.executor.clientId === client ? this.executor.lastNode : null),
    });
    this.queue = new PromptQueue(
      () => this.hub.send('status', { status: this.queueInfo() }, null),
      () => void this.#loop(),
    );
    this.executor = new Executor({
      catalog: this.catalog,
      options,
      failNode: script.failNode ?? null,
      onStep,
      base: { options, device, legacy: this.legacy },
      sink: {
        send: (event, data, client) => {
          if (!this.#forgotten.has(data['prompt_id'])) this.hub.send(event, data, client);
        },
        sendPreview: (png, metadata, client) => {
          if (!this.#forgotten.has(metadata['prompt_id'])) this.hub.sendPreview(png, metadata, client);
        },
        log: (text, level) => this.log(text, level),
      },
    });
    logBook.onEntry = (entry) => {
      for (const client of this.hub.logSubscribers)
        this.hub.send('logs', { entries: [entry], size: { cols: 80, rows: 24 } }, client);
    };
  }

  get cpu(): boolean {
    return this.options.cpu;
  }

  log(text: string, severity: Severity = 'info'): void {
    this.logBook.log(text, severity);
  }

  queueInfo(): Readonly<Record<string, unknown>> {
    return { exec_info: { queue_remaining: this.queue.remaining } };
  }

  nextNumber(front: boolean): number {
    const number = this.#number;
    this.#number += 1;
    return front ? -number : number;
  }

  accept(item: QueueItem): void {
    this.queue.put(item);
    const { forgetPromptsAfterMs } = this.script;
    if (forgetPromptsAfterMs !== undefined)
      setTimeout(() => this.#forget(item.promptId), forgetPromptsAfterMs);
  }

  #forget(promptId: string): void {
    this.#forgotten.add(promptId);
    this.queue.remove(promptId);
    this.queue.history.delete(promptId);
    if (this.queue.running?.promptId === promptId) this.executor.interrupt();
  }

  /** Applied between prompts. */
  free(unload: boolean, forget: boolean): void {
    this.#flags = { unload: this.#flags.unload || unload, forget: this.#flags.forget || forget };
    if (!this.#looping) this.#applyFlags();
  }

  #applyFlags(): void {
    if (this.#flags.unload) this.device.unloadAll();
    if (this.#flags.forget) this.executor.forget();
    this.#flags = { unload: false, forget: false };
  }

  async #loop(): Promise<void> {
    if (this.#looping) return;
    this.#looping = true;
    // The worker thread of the real server starts a prompt only after POST /prompt has been answered.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    for (let item = this.queue.take(); item !== null; item = this.queue.take()) {
      const started = performance.now();
      const entry = await this.executor.execute(item);
      const isKnown = !this.#forgotten.has(item.promptId);
      this.queue.done(entry, isKnown && this.script.dropHistory !== true);
      if (item.clientId !== null && isKnown)
        this.hub.send('executing', { node: null, prompt_id: item.promptId }, item.clientId);
      this.log(`Prompt executed in ${((performance.now() - started) / 1000).toFixed(2)} seconds`);
      this.#applyFlags();
    }
    this.#looping = false;
  }
}

function featuresOf(legacy: boolean, maxUpload: number): Readonly<Record<string, unknown>> {
  const common = { supports_preview_metadata: true, max_upload_size: maxUpload };
  if (legacy) return common;
  const newer = { supports_model_type_tags: true, extension: { manager: { supports_v4: true } } };
  return { ...common, ...newer, node_replacements: true, assets: false };
}
