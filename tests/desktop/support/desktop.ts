import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import type { CommandArgs, CommandName, CommandResult } from '../../../shared/contract.ts';
import type { EnsembleBridge, Reply } from '../../../shared/ipc.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../../shared/model.ts';
import { until } from './until.ts';
import { GPUS, isRunning, processTable, type World } from './world.ts';

/** The page's side of the bridge, for code that runs in the page. */
export type BridgeWindow = Window & { ensemble: EnsembleBridge };

/** One running app, driven from outside. */
export class Desktop {
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;
  #helpers: readonly number[] = [];

  private constructor(
    readonly app: ElectronApplication,
    readonly page: Page,
  ) {
    this.#process = app.process();
    this.exited = new Promise((resolve) => this.#process.once('exit', (code) => resolve(code)));
  }

  static async launch(world: World, args: readonly string[] = []): Promise<Desktop> {
    const app = await _electron.launch({
      executablePath: electronPath(),
      args: [...appArguments(world), ...args],
      env: world.environment,
      cwd: world.directory,
      // Playwright would show every page the light theme.
      colorScheme: null,
    });
    return new Desktop(app, await app.firstWindow());
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async invoke<C extends CommandName>(command: C, args: CommandArgs<C>): Promise<CommandResult<C>> {
    const reply = await this.send(command, args);
    if (!reply.ok) throw new Error(`${command}: ${reply.error.message}`);
    return reply.result as CommandResult<C>;
  }

  /** Anything at all, as a page that has gone bad could send it. */
  send(command: string, args: unknown): Promise<Reply> {
    return this.page.evaluate(
      ([name, given]) => (window as unknown as BridgeWindow).ensemble.invoke(name, given),
      [command, args] as const,
    );
  }

  /** Asks for an orderly end; the page may be gone before its answer comes. */
  quit(): void {
    void this.send('system.quit', {}).catch(() => undefined);
  }

  async instance(id: string): Promise<InstanceSnapshot> {
    const { instances } = await this.invoke('fleet.snapshot', {});
    const found = instances.find((instance) => instance.id === id);
    if (found === undefined) throw new Error(`There is no ${id}`);
    return found;
  }

  /** Resolves when this instance has that process state. */
  async reaches(id: string, status: InstanceSnapshot['process']['status']): Promise<void> {
    await until(
      `${id} ${status}`,
      async () => (await this.instance(id)).process.status,
      (now) => now === status,
    );
  }

  /** Resolves when the whole demo fleet is ready. */
  async allReady(): Promise<FleetSnapshot> {
    return until(
      'the fleet',
      () => this.invoke('fleet.snapshot', {}),
      ({ instances }) =>
        instances.length === GPUS && instances.every(({ process }) => process.status === 'ready'),
    );
  }

  windowIs(what: 'isVisible' | 'isFocused' | 'isMaximized'): Promise<boolean> {
    return this.app.evaluate(
      ({ BrowserWindow }, name) => BrowserWindow.getAllWindows()[0]?.[name]() ?? false,
      what,
    );
  }

  /** Keeps a worker busy for minutes: a long sampling, straight to its ComfyUI. */
  async makeBusy(id: string): Promise<void> {
    const { url } = await this.instance(id);
    const response = await fetch(`${url}/prompt`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: await longPrompt(url) }),
    });
    if (!response.ok) throw new Error(`${url}/prompt: ${await response.text()}`);
    await until(
      `${id} busy`,
      async () => (await this.instance(id)).queue ?? 0,
      (queue) => queue > 0,
    );
  }

  /** As a crash or the system would: the app alone, without a chance to do anything. */
  async crash(): Promise<void> {
    this.#helpers = chromiumProcesses(this.pid);
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  /** Ends it the hard way, with Chromium's own processes, so that a failed test leaves nothing behind. */
  async kill(): Promise<void> {
    if (this.isRunning) await this.crash();
    for (const pid of this.#helpers) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  }
}

/**
 * Zygotes, renderers and the like below this process. They outlive a killed app while a server that goes on holds what it
 * has inherited: Chromium does not close its sockets for the children of Node.
 */
export function chromiumProcesses(pid: number): readonly number[] {
  const table = processTable();
  const below = (parent: number): readonly number[] =>
    table
      .filter((row) => row.parent === parent && row.args.includes('--type='))
      .flatMap((row) => [row.pid, ...below(row.pid)]);
  return below(pid);
}

export function electronPath(): string {
  const executable = process.env['ENSEMBLE_ELECTRON'];
  if (executable === undefined) throw new Error('Run these tests through build/test-desktop.mjs');
  return executable;
}

export function appArguments(world: World): readonly string[] {
  const app = process.env['ENSEMBLE_DESKTOP_APP'] ?? '';
  return [app, `--demo=${GPUS}`, `--data=${world.data}`];
}

/** A picture of the whole screen, panel and notifications included, for a person to look at. */
export function photograph(name: string): string {
  const folder = path.resolve('test-results', 'desktop-screens');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.png`);
  execFileSync('import', ['-window', 'root', file]);
  return file;
}

async function longPrompt(url: string): Promise<unknown> {
  const info = (await (await fetch(`${url}/object_info/CheckpointLoaderSimple`)).json()) as {
    CheckpointLoaderSimple: { input: { required: { ckpt_name: [readonly string[]] } } };
  };
  const [ckpt_name] = info.CheckpointLoaderSimple.input.required.ckpt_name[0];
  const text = { class_type: 'CLIPTextEncode', inputs: { text: 'a lighthouse', clip: ['1', 1] } };
  const sampling = { seed: 1, steps: 10_000, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 };
  return {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name } },
    '2': text,
    '3': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
    '4': {
      class_type: 'KSampler',
      inputs: {
        ...sampling,
        model: ['1', 0],
        positive: ['2', 0],
        negative: ['2', 0],
        latent_image: ['3', 0],
      },
    },
    '5': { class_type: 'VAEDecode', inputs: { samples: ['4', 0], vae: ['1', 2] } },
    '6': { class_type: 'SaveImage', inputs: { images: ['5', 0], filename_prefix: 'long' } },
  };
}
