import { monotonicMs, type WorkersSetting } from './protocol.ts';

export interface FakePrompt {
  readonly id: string;
  readonly clientId: string | null;
  readonly seed: string;
  readonly saver: string;
  readonly sampler: string;
}

export interface FakeFile {
  readonly filename: string;
  readonly prompt: FakePrompt;
}

export interface QueueEvents {
  readonly say: (clientId: string | null, type: string, data: object) => void;
  readonly computed: (ms: number) => void;
}

/** Told in the course of a prompt that takes time: before the first one, a model may be loading. */
const STEPS = 4;
/** Finished prompts and their files that are remembered. */
const REMEMBERED = 50;

/** The queue of one worker: one prompt after the other, each for as long as it was told, told as ComfyUI does. */
export class FakeQueue {
  readonly pending: FakePrompt[] = [];
  running: FakePrompt | null = null;
  readonly history = new Map<string, object>();
  readonly files = new Map<string, FakeFile>();
  #counter = 0;
  #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly setting: Pick<WorkersSetting, 'computeMs'>,
    private readonly events: QueueEvents,
  ) {}

  get remaining(): number {
    return this.pending.length + (this.running === null ? 0 : 1);
  }

  add(prompt: FakePrompt): void {
    this.pending.push(prompt);
    this.#sayStatus();
    // Only after the answer, as the thread of the real server does.
    setImmediate(() => this.#next());
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      const at = this.pending.findIndex((prompt) => prompt.id === id);
      if (at >= 0) this.pending.splice(at, 1);
    }
    this.#sayStatus();
  }

  interrupt(id: string | undefined): void {
    const { running } = this;
    if (running === null || (id !== undefined && running.id !== id)) return;
    for (const timer of this.#timers) clearTimeout(timer);
    this.running = null;
    const status = { status_str: 'error', completed: false, messages: [['execution_interrupted', {}]] };
    this.history.set(running.id, { prompt: [0, running.id, {}, {}, []], outputs: {}, status });
    this.#say(running, 'execution_interrupted', {});
    this.#ended(running);
  }

  #next(): void {
    if (this.running !== null) return;
    const prompt = this.pending.shift();
    if (prompt === undefined) return;
    this.running = prompt;
    const begun = monotonicMs();
    this.#say(prompt, 'execution_start', {});
    this.#say(prompt, 'executing', { node: prompt.sampler });
    const { computeMs } = this.setting;
    if (computeMs === null) return;
    const finish = (): void => {
      this.events.computed(monotonicMs() - begun);
      this.#finish(prompt);
    };
    if (computeMs === 0) setImmediate(finish);
    else this.#timers = [...this.#steps(prompt, computeMs), setTimeout(finish, computeMs)];
  }

  #steps(prompt: FakePrompt, computeMs: number): readonly NodeJS.Timeout[] {
    return Array.from({ length: STEPS - 1 }, (_, index) => {
      const step = { value: index + 1, max: STEPS, node: prompt.sampler };
      return setTimeout(() => this.#say(prompt, 'progress', step), (computeMs * step.value) / STEPS);
    });
  }

  #finish(prompt: FakePrompt): void {
    this.#counter += 1;
    const filename = `ComfyUI_${String(this.#counter).padStart(5, '0')}_.png`;
    const output = { images: [{ filename, subfolder: '', type: 'output' }] };
    this.files.set(filename, { filename, prompt });
    const status = { status_str: 'success', completed: true, messages: [] };
    this.history.set(prompt.id, {
      prompt: [0, prompt.id, {}, {}, []],
      outputs: { [prompt.saver]: output },
      status,
    });
    forgetOldest(this.files);
    forgetOldest(this.history);
    this.running = null;
    this.#say(prompt, 'executed', { node: prompt.saver, output });
    this.#say(prompt, 'execution_success', {});
    this.#ended(prompt);
  }

  #ended(prompt: FakePrompt): void {
    this.#say(prompt, 'executing', { node: null });
    this.#sayStatus();
    this.#next();
  }

  #say({ id, clientId }: FakePrompt, type: string, data: object): void {
    this.events.say(clientId, type, { ...data, prompt_id: id });
  }

  #sayStatus(): void {
    this.events.say(null, 'status', { status: { exec_info: { queue_remaining: this.remaining } } });
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > REMEMBERED && oldest !== undefined) map.delete(oldest);
}
