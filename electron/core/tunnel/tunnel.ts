import { mkdir, writeFile } from 'node:fs/promises';
import { EnsembleError, messageOf, toEnvelope } from '../../../shared/errors.ts';
import type { LogPage } from '../../../shared/logs.ts';
import {
  publicUrlOf,
  type TunnelAtStart,
  type TunnelStart,
  type TunnelState,
  type TunnelStatus,
} from '../../../shared/tunnel.ts';
import type { InstanceLog } from '../logs/instance-log.ts';
import type { Notices } from '../notices.ts';
import { Emitter } from '../ports.ts';
import type { ProcessRegistry } from '../supervisor/registry.ts';
import { CONFIG_TEXT, configFile, planTunnel, type TunnelWish } from './command-line.ts';
import { type Downloaded, removeHalfDownloads } from './download.ts';
import { endLeftovers } from './leftovers.ts';
import type { ProgramKeeper } from './program.ts';
import { TUNNEL_SECRETS, type TunnelSecrets } from './secrets.ts';
import { type SupervisorDeps, TunnelSupervisor } from './supervisor.ts';
import { TunnelRun, type TunnelRunDeps } from './tunnel-run.ts';

export interface TunnelDeps extends TunnelRunDeps, Pick<SupervisorDeps, 'random' | 'guard' | 'timing'> {
  readonly log: InstanceLog;
  readonly registry: ProcessRegistry;
  readonly program: ProgramKeeper;
  readonly secrets: TunnelSecrets;
  readonly notices: Notices;
  /** The ComfyUI address on this machine; null while there is none. */
  readonly target: () => string | null;
  readonly settings: () => { readonly tunnelHost: string | null; readonly tunnelAtStart: TunnelAtStart };
  readonly saveHost: (host: string) => Promise<unknown>;
  /** A free one on this machine. */
  readonly metricsPort: () => Promise<number>;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** The tunnel from the world to the ComfyUI address of the fleet. */
export class Tunnel {
  readonly #deps: TunnelDeps;
  readonly #supervisor: TunnelSupervisor;
  readonly #changed = new Emitter<void>();
  readonly #told = new Emitter<TunnelStatus>();
  #telling: Promise<void> = Promise.resolve();
  /** One of ours that began earlier would be taken for a leftover. */
  #opened: Promise<void> = Promise.resolve();
  #closed = false;
  #target: string | null = null;
  #toldUrl: string | null = null;

  constructor(deps: TunnelDeps) {
    this.#deps = deps;
    this.#supervisor = new TunnelSupervisor({
      ...deps,
      begin: (wish) => this.#begin(wish),
      note: (text, level) => deps.log.note(text, level),
    });
    this.#supervisor.onChange((state) => this.#onState(state));
    deps.program.onChange(() => this.#changed.emit());
    this.onChange(() => this.#tell());
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  onStatus(listener: (status: TunnelStatus) => void): () => void {
    return this.#told.on(listener);
  }

  get state(): TunnelState {
    return this.#supervisor.state;
  }

  /** What the world calls the ComfyUI address now; null while it is not public. */
  get url(): string | null {
    return publicUrlOf(this.state);
  }

  async status(): Promise<TunnelStatus> {
    const { program, secrets, target } = this.#deps;
    const found = await program.look();
    const hasToken = secrets.read(TUNNEL_SECRETS)['token'] !== undefined;
    return { state: this.state, program: found, target: target(), hasToken };
  }

  /** What a control center that was killed left running is ended; a start waits for that. Never fails. */
  open(): Promise<void> {
    this.#opened = this.#clear().catch((error: unknown) => {
      const { message, hint } = toEnvelope(error);
      this.#deps.notices.add(
        'warning',
        'The folder of the tunnel cannot be used',
        `${message} ${hint ?? ''}`.trim(),
      );
    });
    return this.#opened;
  }

  async #clear(): Promise<void> {
    const { registry, directory, logger, log } = this.#deps;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    log.start();
    await removeHalfDownloads(directory);
    await endLeftovers(registry, directory, logger);
  }

  /** As the settings say; what keeps it from starting is told. */
  async startWithApp(): Promise<void> {
    const { tunnelAtStart: kind, tunnelHost: host } = this.#deps.settings();
    if (kind === 'off') return;
    try {
      if (kind === 'quick') await this.start({ kind });
      else await this.start({ kind, host: host ?? '', token: null });
    } catch (error) {
      const { message, hint } = toEnvelope(error);
      this.#deps.notices.add(
        'error',
        'The tunnel did not start with the app',
        `${message} ${hint ?? ''}`.trim(),
      );
    }
  }

  /** @throws EnsembleError, see TunnelSupervisor.start */
  async start(order: TunnelStart): Promise<void> {
    await this.#opened;
    const wish = order.kind === 'quick' ? order : await this.#remember(order);
    if (this.#closed) throw new EnsembleError('unavailable', 'The control center is closing.');
    await this.#supervisor.start(wish);
  }

  async #remember({ host, token }: Extract<TunnelStart, { readonly kind: 'named' }>): Promise<TunnelWish> {
    const { secrets, saveHost, program } = this.#deps;
    if (host === '') throw noHost();
    await program.path();
    if (token !== null) await secrets.write(TUNNEL_SECRETS, { token: token.trim() });
    const name = host.toLowerCase();
    await saveHost(name);
    return { kind: 'named', host: name };
  }

  async stop(): Promise<void> {
    await this.#supervisor.stop();
  }

  download(): Promise<Downloaded> {
    return this.#deps.program.download();
  }

  async readLog(query: {
    readonly after: number | null;
    readonly limit: number;
    readonly waitMs: number;
  }): Promise<LogPage> {
    const { log } = this.#deps;
    await log.wait(query.after, query.waitMs);
    return log.read(query);
  }

  /** The ComfyUI address has changed: a quick tunnel leads where we say; where a named one leads is set at Cloudflare. */
  followTarget(): void {
    const target = this.#deps.target();
    const { state, target: before } = this.#supervisor;
    if (target === this.#target) return;
    this.#target = target;
    this.#changed.emit();
    if (target === null || before === null || before === target) return;
    if ('kind' in state && state.kind === 'quick') {
      this.#supervisor.beginAnew(`The ComfyUI address moved from ${before} to ${target}.`);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#deps.program.close();
    await this.#supervisor.stop();
    this.#deps.log.stop();
  }

  async #begin(wish: TunnelWish): Promise<TunnelRun> {
    const { program, directory, secrets, metricsPort, environment, platform, log } = this.#deps;
    const target = this.#deps.target();
    if (target === null) throw noTarget();
    const path = await program.path();
    const kept = wish.kind === 'quick' ? {} : secrets.read(TUNNEL_SECRETS);
    const token = kept['token'] ?? null;
    if (wish.kind === 'named' && token === null) throw noToken();
    const port = await metricsPort();
    await writeFile(configFile(directory), CONFIG_TEXT, { mode: 0o600 });
    const plan = planTunnel({
      ...{ program: path, directory, metricsPort: port, target, token },
      ...{ inherited: environment, platform },
    });
    log.note(`Starting: ${[plan.file, ...plan.args].join(' ')}`);
    const host = wish.kind === 'named' ? wish.host : null;
    return TunnelRun.begin(plan, { kind: wish.kind, host, target, metricsPort: port }, this.#deps);
  }

  /** One after the other: a status takes a look at files, and the last one told must be the newest. */
  #tell(): void {
    if (this.#told.size === 0) return;
    const tell = async (): Promise<void> => this.#told.emit(await this.status());
    this.#telling = this.#telling.then(tell).catch((error: unknown) => {
      this.#deps.logger.error('the tunnel could not be told of', { error: messageOf(error) });
    });
  }

  #onState(state: TunnelState): void {
    const { notices } = this.#deps;
    this.#changed.emit();
    if (state.status === 'up' && state.url !== this.#toldUrl) {
      this.#toldUrl = state.url;
      const detail = `${state.url} leads to it, for everybody who has its token.`;
      notices.add('info', 'The ComfyUI address is on the internet', detail);
    }
    if (state.status === 'off') this.#toldUrl = null;
    if (state.status === 'failed') {
      this.#toldUrl = null;
      notices.add('error', 'The tunnel is closed', `${state.reason} ${state.remedy ?? ''}`.trim());
    }
  }
}

function noTarget(): EnsembleError {
  return new EnsembleError(
    'not-ready',
    'The fleet has no ComfyUI address that a tunnel could lead to.',
    'Wait until the fleet is set up.',
  );
}

function noToken(): EnsembleError {
  return EnsembleError.badArgument(
    'token',
    'No token of a named tunnel is kept.',
    'Copy it from the Cloudflare dashboard: Networks, Tunnels, the tunnel, “Install connector”.',
  );
}

function noHost(): EnsembleError {
  return EnsembleError.badArgument(
    'host',
    'The public name of the named tunnel is not known.',
    'Give the name that you routed to it at Cloudflare, e.g. comfy.example.com.',
  );
}
