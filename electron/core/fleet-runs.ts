import type { GatewayStatus } from '../../shared/contract.ts';
import { EnsembleError, toEnvelope } from '../../shared/errors.ts';
import type { GpuInfo } from '../../shared/model.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Gateway, GatewayAccess } from './gateway/gateway.ts';
import { NO_GATEWAY } from './gateway/gateway-feed.ts';
import { openGateway, serveGateway } from './gateway/start-gateway.ts';
import { openRuns, type Runs, type RunsDeps } from './runs/open-runs.ts';
import type { RunFleet } from './runs/run-fleet.ts';

export interface FleetRunsDeps extends Omit<RunsDeps, 'fleet' | 'retention' | 'observer'> {
  /** Asked when they are opened: before that there is no roster. */
  readonly fleet: () => RunFleet;
  readonly access: GatewayAccess;
  readonly gpus: () => readonly GpuInfo[];
  readonly preferences: () => Pick<
    Settings,
    'keepRuns' | 'keepRunDays' | 'gatewayPort' | 'autoLaunch' | 'stopOnQuit'
  >;
  /** Ports that servers of the fleet will want. */
  readonly reservedPorts: () => ReadonlySet<number>;
}

/** The runs of a fleet and the address at which its clients post them; both live and die with the fleet. */
export class FleetRuns {
  readonly #deps: FleetRunsDeps;
  #runs: Runs | null = null;
  #failure: EnsembleError | null = null;
  #gateway: Gateway | null = null;

  constructor(deps: FleetRunsDeps) {
    this.#deps = deps;
  }

  /** @throws EnsembleError('not-ready' | what kept the journal from being opened) */
  get value(): Runs {
    if (this.#runs !== null) return this.#runs;
    throw (
      this.#failure ??
      new EnsembleError('not-ready', 'The fleet is still being set up.', 'Try again in a moment.')
    );
  }

  /** null while there is none. */
  get gatewayUrl(): string | null {
    return this.#gateway?.url ?? null;
  }

  get gatewayStatus(): GatewayStatus {
    return this.#gateway?.status ?? { ...NO_GATEWAY, fixedHost: this.#deps.access.fixedHost };
  }

  /**
   * @param port null = where it is
   * @param save writes it down
   * @throws EnsembleError when the address cannot be there: then nothing has changed
   */
  async moveGateway(port: number | null, open: boolean, save: () => Promise<unknown>): Promise<void> {
    if (this.#gateway === null) await save();
    else await this.#gateway.address.moveTo(port, open, save);
  }

  /** A fleet without a journal can still be watched and started; runs are refused with the reason. */
  async open(): Promise<void> {
    const { notices, preferences, reservedPorts, gpus } = this.#deps;
    try {
      const shared = { ...this.#deps, fleet: this.#deps.fleet() };
      this.#gateway = openGateway({ ...shared, facts: () => ({ ...preferences(), gpus: gpus() }) });
      this.#runs = await openRuns({
        ...shared,
        retention: () => ({ runs: preferences().keepRuns, days: preferences().keepRunDays }),
        ...(this.#gateway === null ? {} : { observer: this.#gateway.observer }),
      });
      await serveGateway(this.#gateway, this.#runs, preferences().gatewayPort, reservedPorts(), { notices });
    } catch (error) {
      const { code, message, hint } = toEnvelope(error);
      this.#failure = new EnsembleError(code, message, hint);
      notices.add('error', 'Runs cannot be kept', `${message} ${hint ?? ''}`.trim());
    }
  }

  async close(): Promise<void> {
    await this.#gateway?.close();
    await this.#runs?.close();
    this.#gateway?.release();
  }
}
