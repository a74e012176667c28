import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { BehaviourScript } from '../../../electron/simulator/script.ts';
import { distFile } from '../../setup/dist.ts';

/** A simulated server as a real child process in a folder of its own. */
export class RunningServer {
  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
    readonly port: number,
    readonly folder: string,
    readonly output: () => string,
    readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>,
  ) {}

  static async start(
    script: BehaviourScript = {},
    flags: readonly string[] = [],
    environment: object = {},
  ): Promise<RunningServer> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'simulator-'));
    const port = await freePort();
    const argv = [
      distFile('simulator.cjs'),
      'comfyui',
      '--port',
      String(port),
      '--base-directory',
      folder,
      ...flags,
    ];
    const env = {
      ...process.env,
      ENSEMBLE_SIM: JSON.stringify({ bootMs: 0, stepMs: 1, modelLoadMs: 0, ...script }),
      ...environment,
    };
    const child = spawn(process.execPath, argv, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        output += String(data);
      });
    }
    const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    return new RunningServer(child, `http://127.0.0.1:${port}`, port, folder, () => output, exited);
  }

  /** Resolves once the server answers; rejects when it ended or 30 s passed. */
  async ready(): Promise<this> {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline && this.child.exitCode === null) {
      if (
        await fetch(`${this.url}/prompt`).then(
          () => true,
          () => false,
        )
      )
        return this;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`The simulated server did not come up:\n${this.output()}`);
  }

  async get(route: string): Promise<unknown> {
    return (await fetch(this.url + route)).json();
  }

  /** @param body text is sent as it stands */
  async post(
    route: string,
    body: unknown,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(this.url + route, { method: 'POST', body: sent });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  }

  /** Submits and waits for the history entry. @param prompt text is JSON already */
  async run(prompt: unknown): Promise<HistoryRecord> {
    const text = typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
    const { body } = await this.post('/prompt', `{"prompt":${text}}`);
    const id = String(body['prompt_id']);
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const history = (await this.get(`/history/${id}`)) as Record<string, HistoryRecord>;
      const entry = history[id];
      if (entry !== undefined) return entry;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`The prompt did not finish: ${JSON.stringify(body)}`);
  }

  file(name: string): Buffer {
    return readFileSync(path.join(this.folder, 'output', name));
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface HistoryRecord {
  readonly outputs: Record<string, { readonly images: readonly { readonly filename: string }[] }>;
  readonly status: {
    readonly status_str: string;
    readonly messages: readonly (readonly [string, Record<string, unknown>])[];
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

const size = { width: 128, height: 128 };

/** txt2img of a batch; `slice` cuts it with LatentFromBatch. */
export function textToImage(
  seed: number,
  batch = 1,
  slice: { readonly index: number; readonly length: number } | null = null,
): unknown {
  const latent = slice === null ? ['2', 0] : ['3', 0];
  const sampling = { steps: 3, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 };
  const links = { model: ['1', 0], positive: ['4', 0], negative: ['5', 0], latent_image: latent };
  const cut = { batch_index: slice?.index, length: slice?.length, samples: ['2', 0] };
  return {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'lantern_sd15.safetensors' } },
    '2': { class_type: 'EmptyLatentImage', inputs: { ...size, batch_size: batch } },
    ...(slice === null ? {} : { '3': { class_type: 'LatentFromBatch', inputs: cut } }),
    '4': { class_type: 'CLIPTextEncode', inputs: { text: 'a fjord at dusk', clip: ['1', 1] } },
    '5': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['1', 1] } },
    '6': { class_type: 'KSampler', inputs: { seed, ...sampling, ...links } },
    '7': { class_type: 'VAEDecode', inputs: { samples: ['6', 0], vae: ['1', 2] } },
    '8': { class_type: 'SaveImage', inputs: { images: ['7', 0], filename_prefix: 'p' } },
  };
}
