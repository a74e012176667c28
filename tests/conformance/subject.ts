import { randomUUID } from 'node:crypto';
import type { TestContext } from 'vitest';
import {
  type Answer,
  at,
  type CallOptions,
  call,
  FormData,
  type Listener,
  list,
  listen,
  until,
} from './client.ts';
import { type RunningServer, type ServerKind, startServer } from './servers.ts';
import { node, type Prompt } from './workflows.ts';

export interface HistoryEntry {
  readonly entry: unknown;
  readonly files: readonly { readonly filename: string; readonly subfolder: string; readonly type: string }[];
}

/** The server under test, with what most claims need. */
export class Subject {
  readonly #listeners: Listener[] = [];

  private constructor(
    readonly server: RunningServer,
    /** As it reports itself. Claims differ by it, not by what we believe to have started. */
    readonly version: string,
    /** First checkpoint that it offers. */
    readonly checkpoint: string | null,
  ) {}

  /** A second server of the same kind. */
  static of(server: RunningServer, twin: Subject): Subject {
    return new Subject(server, twin.version, twin.checkpoint);
  }

  static async start(kind: ServerKind): Promise<Subject> {
    const server = await startServer(kind);
    const stats = await call(`${server.url}/system_stats`);
    const info = await call(`${server.url}/object_info/CheckpointLoaderSimple`);
    const combo = at(info.json, 'CheckpointLoaderSimple', 'input', 'required', 'ckpt_name');
    const names = [...list(at(combo, 0)), ...list(at(combo, 1, 'options'))].map(String);
    // Large ones take minutes on a processor.
    const usable = kind.simulated ? names[0] : names.find((name) => /tiny/i.test(name));
    return new Subject(server, String(at(stats.json, 'system', 'comfyui_version')), usable ?? null);
  }

  /** 0.33 and its like; false for 0.3.x. */
  get modern(): boolean {
    return !this.version.startsWith('0.3.');
  }

  /** @throws skips the test, loudly, where there is no checkpoint */
  needCheckpoint(context: TestContext): string {
    if (this.checkpoint !== null) return this.checkpoint;
    process.stdout.write(
      `conformance: no tiny checkpoint on ${this.server.kind.label}: “${context.task.name}” skipped\n`,
    );
    return context.skip('no tiny checkpoint in models/checkpoints');
  }

  async call(path: string, options: CallOptions = {}): Promise<Answer> {
    return call(`${this.server.url}${path}`, options);
  }

  async listen(options: { readonly flags?: boolean; readonly clientId?: string } = {}): Promise<Listener> {
    const listener = await listen(this.server.url, options.clientId ?? randomUUID(), options);
    this.#listeners.push(listener);
    return listener;
  }

  async post(prompt: Prompt, fields: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.call('/prompt', { json: { prompt, ...fields } });
  }

  /** Queues what must be accepted; returns its id. */
  async queue(prompt: Prompt, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const answer = await this.post(prompt, fields);
    if (answer.status !== 200) throw new Error(`refused: ${answer.bytes.toString()}`);
    return String(at(answer.json, 'prompt_id'));
  }

  async history(promptId: string): Promise<HistoryEntry> {
    const entry = await until(`history of ${promptId}`, async () =>
      at((await this.call(`/history/${promptId}`)).json, promptId),
    );
    const outputs = Object.values(Object(at(entry, 'outputs')));
    const files = outputs.flatMap((output) => list(at(output, 'images')));
    return {
      entry,
      files: files.map((file) => ({
        filename: String(at(file, 'filename')),
        subfolder: String(at(file, 'subfolder')),
        type: String(at(file, 'type')),
      })),
    };
  }

  async run(prompt: Prompt, fields: Readonly<Record<string, unknown>> = {}): Promise<HistoryEntry> {
    return this.history(await this.queue(prompt, fields));
  }

  /** Queues a prompt whose LoadImage meets a file that is no picture: accepted, and failing while it runs. */
  async queueFailing(fields: Readonly<Record<string, unknown>>): Promise<string> {
    const form = new FormData();
    form.set('image', new File(['no picture'], 'broken.png'));
    await this.call('/upload/image', { form });
    const prompt = {
      '1': node('LoadImage', { image: 'broken.png' }),
      '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'never' }),
    };
    return this.queue(prompt, fields);
  }

  async view(file: HistoryEntry['files'][number] | undefined, extra = ''): Promise<Answer> {
    if (file === undefined) throw new Error('no file');
    return this.call(`/view?${new URLSearchParams({ ...file })}${extra}`);
  }

  /** Ids that run and wait, the waiting ones in the order in which they will run. */
  async queued(): Promise<{ readonly running: readonly string[]; readonly pending: readonly string[] }> {
    const { json } = await this.call('/queue');
    const ids = (rows: unknown): readonly string[] =>
      [...list(rows)].sort((a, b) => Number(at(a, 0)) - Number(at(b, 0))).map((row) => String(at(row, 1)));
    return { running: ids(at(json, 'queue_running')), pending: ids(at(json, 'queue_pending')) };
  }

  /** Between two claims: nothing runs, nothing waits, nobody listens. */
  async settle(): Promise<void> {
    await this.call('/queue', { json: { clear: true } });
    for (const listener of this.#listeners.splice(0)) await listener.close();
    await until('an idle server', async () => {
      await this.call('/interrupt', { json: {} });
      const { json } = await this.call('/prompt');
      return at(json, 'exec_info', 'queue_remaining') === 0;
    });
  }
}
