import { urlOf } from '../../../shared/address.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import type { Readiness } from '../../../shared/remote.ts';
import type { InstanceMonitor } from '../comfy/monitor.ts';
import { forgetConnections, type ServerAddress } from '../comfy/server-address.ts';
import type { LogSource } from '../logs/log-source.ts';
import { isSame } from '../plain-data.ts';
import type { SecretValues } from '../settings/secrets.ts';
import { accessHint } from './access.ts';
import { Instance } from './instance.ts';
import type { Keeper } from './keeper.ts';
import { ReadinessWatch, type ReadinessWatchDeps } from './readiness-watch.ts';
import type { RemoteDefinition } from './roster.ts';

export interface RemoteInstanceParts {
  readonly createMonitor: (address: ServerAddress) => InstanceMonitor;
  readonly createLog: (instance: RemoteInstance) => LogSource;
  /** What opens it, as it is stored now. */
  readonly headers: () => SecretValues;
  /** Whoever starts and stops it there; null when nobody can. */
  readonly keeper: Keeper | null;
  readonly readiness: Omit<ReadinessWatchDeps, 'instance' | 'onChange'>;
}

/** A ComfyUI server on another machine. Not selected it is not contacted: a rented one may wake, and cost, by that. */
export class RemoteInstance extends Instance {
  override readonly log: LogSource;
  readonly keeper: Keeper | null;
  readonly #parts: RemoteInstanceParts;
  readonly #watch: ReadinessWatch;
  readonly #createdAt: number;
  readonly #leaveKeeper: () => void;
  #definition: RemoteDefinition;
  #headers: SecretValues;

  constructor(definition: RemoteDefinition, parts: RemoteInstanceParts) {
    super(parts.createMonitor);
    this.#definition = definition;
    this.#headers = parts.headers();
    this.#parts = parts;
    this.keeper = parts.keeper;
    this.#createdAt = parts.readiness.clock.now();
    this.log = this.keeper?.log ?? parts.createLog(this);
    this.#watch = new ReadinessWatch({
      ...parts.readiness,
      instance: this,
      onChange: () => this.changed(),
    });
    this.#leaveKeeper =
      this.keeper?.onChange(() => {
        this.#follow();
        this.changed();
      }) ?? (() => {});
    this.#follow();
  }

  override get definition(): RemoteDefinition {
    return this.#definition;
  }

  override get control(): InstanceSnapshot['control'] {
    return this.keeper === null ? 'attached' : 'managed';
  }

  override get address(): ServerAddress {
    const { certificate } = this.#definition;
    return { url: urlOf(this.#definition), headers: this.#headers, certificate };
  }

  override async start(): Promise<void> {
    await this.#kept('started').start();
  }

  protected override async end(): Promise<void> {
    await this.#kept('stopped').stop();
  }

  override async restart(): Promise<void> {
    await this.#kept('restarted').restart();
  }

  /** New settings or secrets: another place is another server. */
  update(definition: RemoteDefinition): void {
    const before = this.address;
    this.#definition = definition;
    this.#headers = this.#parts.headers();
    if (!isSame(before, this.address)) {
      forgetConnections(before);
      this.replaceMonitor();
      this.#watch.reset();
    }
    this.#follow();
    this.changed();
  }

  /** @throws EnsembleError('conflict') while it is not selected, and so not contacted */
  climb(): Promise<Readiness> {
    if (this.#definition.selected) return this.#watch.climb();
    throw new EnsembleError(
      'conflict',
      `${this.#definition.name} is disabled and is not contacted.`,
      'Select it first.',
    );
  }

  override snapshot(): InstanceSnapshot {
    const { id, role, type, name, host, port, selected, secure, path, certificate, source } =
      this.#definition;
    return {
      ...{ id, role, type, name, host, port, selected },
      ...this.shown(),
      url: this.address.url,
      device: this.keeper?.gpu?.uuid ?? '',
      gpuUuid: this.keeper?.gpu?.uuid ?? null,
      extraArgs: '',
      control: this.control,
      process: this.keeper?.process ?? { status: 'stopped', since: this.#createdAt },
      placement: { status: 'not-applicable' },
      simulated: false,
      remote: {
        ...{ secure, path, certificate, source },
        access: accessHint(this.#headers),
        readiness: this.#watch.readiness,
        agent: this.keeper === null ? null : { unreachable: this.keeper.unreachable, gpu: this.keeper.gpu },
      },
    };
  }

  override dispose(): void {
    this.#leaveKeeper();
    this.#watch.stop();
    super.dispose();
    forgetConnections(this.address);
  }

  protected override onMonitor(): void {
    this.#watch.onLink(this.monitor.value.link);
    if (!this.#definition.selected) this.#follow();
  }

  #follow(): void {
    const status = this.keeper?.process.status;
    const runs = status === undefined || status === 'ready' || status === 'unresponsive';
    // What it computes when it is deselected is seen through to its end.
    const isBusy = (this.monitor.value.queue ?? 0) > 0;
    this.followMonitor((this.#definition.selected || isBusy) && runs);
    // The next life of a server may have other nodes and models.
    if (!runs) this.#watch.reset();
  }

  #kept(done: string): Keeper {
    if (this.keeper === null) {
      throw new EnsembleError(
        'conflict',
        `${this.#definition.name} runs on another machine and is not ${done} from here.`,
        'Do it there, or pair that machine with “ensemble agent”.',
      );
    }
    if (this.keeper.unreachable !== null) {
      throw new EnsembleError('unavailable', this.keeper.unreachable, 'Wait until it is back.');
    }
    return this.keeper;
  }
}
