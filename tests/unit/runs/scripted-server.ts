import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import { type Clock, silentLogger } from '../../../electron/core/ports.ts';
import {
  type AttemptEvent,
  type AttemptResult,
  runAttempt,
} from '../../../electron/core/runs/attempt/run-attempt.ts';
import { type FakeComfy, json, startFakeComfy } from '../comfy/fake-comfy.ts';
import { until } from '../comfy/until.ts';

export const ID = '00000000-0000-4000-8000-0000000000aa';
export const PROMPT = {
  '1': { class_type: 'KSampler', inputs: { seed: 18_446_744_073_709_551_615n }, _meta: { title: 'Sample' } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0] } },
};

/** A fake server with a queue and a history that the test moves by hand, and the monitor that watches it. */
export class ScriptedServer {
  readonly running = new Set<string>();
  readonly pending = new Set<string>();
  readonly history = new Map<string, unknown>();
  readonly events: AttemptEvent[] = [];
  readonly controller = new AbortController();
  readonly http: ComfyHttp;
  readonly monitor: InstanceMonitor;

  private constructor(
    readonly fake: FakeComfy,
    private readonly clock: Clock,
  ) {
    this.http = new ComfyHttp(fake.url, { clock, timeoutMs: 10_000 });
    this.monitor = new InstanceMonitor({ url: fake.url, clock, logger: silentLogger, random: () => 0.5 });
  }

  static async start(clock: Clock): Promise<ScriptedServer> {
    const server = new ScriptedServer(await startFakeComfy(), clock);
    server.#serve();
    server.monitor.start();
    await until('a healthy server', () => server.monitor.health === 'ok');
    return server;
  }

  async close(): Promise<void> {
    this.monitor.stop();
    await this.fake.close();
  }

  /** Never rejects: a failure is returned. */
  async attempt(change: { readonly reattach?: boolean } = {}): Promise<AttemptResult | unknown> {
    const { http, monitor, clock, controller } = this;
    const order = { promptId: ID, prompt: PROMPT, extraData: { a: 1 }, server: { http, monitor } };
    const deps = {
      clock,
      signal: controller.signal,
      onEvent: (event: AttemptEvent) => this.events.push(event),
    };
    return runAttempt({ ...order, reattach: false, ...change }, deps).catch((error: unknown) => error);
  }

  get kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  /** Bodies of the POSTs to a path. */
  posts(path: string): readonly unknown[] {
    return this.fake.requests
      .filter((request) => request.method === 'POST' && request.path === path)
      .map(({ body }) => JSON.parse(body));
  }

  async isQueued(): Promise<void> {
    await until('queued', () => this.pending.has(ID));
  }

  /** From the queue onto the GPU. */
  begin(): void {
    this.pending.delete(ID);
    this.running.add(ID);
    this.fake.send('execution_start', { prompt_id: ID });
    this.fake.send('executing', { node: '1', prompt_id: ID });
  }

  step(value: number, max = 20): void {
    this.fake.send('progress', { prompt_id: ID, node: '1', value, max });
  }

  /** Into the history, without a word. */
  end(entry: unknown = success()): void {
    this.running.delete(ID);
    this.pending.delete(ID);
    this.history.set(ID, entry);
  }

  say(type: string, data: object = {}): void {
    this.fake.send(type, { prompt_id: ID, ...data });
  }

  #serve(): void {
    const { routes } = this.fake;
    routes.set('/prompt', (request, response, body) => {
      if (request.method === 'GET') {
        json({ exec_info: { queue_remaining: this.running.size + this.pending.size } })(
          request,
          response,
          body,
        );
        return;
      }
      const { prompt_id } = JSON.parse(body);
      this.pending.add(prompt_id);
      json({ prompt_id, number: 0, node_errors: {} })(request, response, body);
    });
    routes.set('/queue', (request, response, body) => {
      const rows = (ids: ReadonlySet<string>) => [...ids].map((id, index) => [index, id, {}, {}, []]);
      if (request.method === 'POST') for (const id of JSON.parse(body).delete) this.pending.delete(id);
      const queue = { queue_running: rows(this.running), queue_pending: rows(this.pending) };
      json(queue)(request, response, body);
    });
    routes.set('/interrupt', (_request, response) => response.end());
    routes.set(`/history/${ID}`, (request, response, body) => {
      const entry = this.history.get(ID);
      json(entry === undefined ? {} : { [ID]: entry })(request, response, body);
    });
  }
}

export function success(filename = 'x_00001_.png', id: string = ID): unknown {
  return {
    prompt: [0, id, {}, {}, []],
    outputs: { '2': { images: [{ filename, subfolder: '', type: 'output' }] } },
    status: { status_str: 'success', completed: true, messages: [] },
  };
}

export function failed(messages: readonly (readonly [string, unknown])[]): unknown {
  return { outputs: {}, status: { status_str: 'error', completed: false, messages } };
}
