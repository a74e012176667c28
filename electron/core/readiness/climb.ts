import { placeName } from '../../../shared/address.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import {
  type Measured,
  NOTHING_MEASURED,
  type Readiness,
  type RemotePlace,
  RUNGS,
  type Rung,
  type RungState,
} from '../../../shared/remote.ts';
import { kindOfFailure } from '../comfy/failure-kind.ts';
import { ComfyHttp } from '../comfy/http.ts';
import type { ServerAddress } from '../comfy/server-address.ts';
import { type NodeCatalog, readCatalog } from '../graph/catalog.ts';
import type { Clock } from '../ports.ts';
import { failedBy, isReached } from './advice.ts';
import { fetchCertificate } from './certificate.ts';
import { checkFile } from './file-check.ts';
import { modelsRung, nodesRung, type Requirements } from './requirements-rungs.ts';
import { versionRung } from './version-rung.ts';

const QUICK_MS = 8_000;
/** Without a byte, of the file that is sent there. */
const STALL_MS = 15_000;
/** The quickest of these is the latency: the first one may have had to connect. */
const PINGS = 3;

export interface ClimbRequest {
  readonly place: RemotePlace;
  readonly address: ServerAddress;
  /** Reads what is asked of it once its nodes are known; null = any picture. */
  readonly requirements: Requirements | null;
  /** Of the master; null while unknown. */
  readonly masterVersion: string | null;
  /** How fast the line was found to be; null = it is measured, with larger files. */
  readonly rates: LineRates | null;
}

export type LineRates = Pick<Measured, 'uploadRate' | 'downloadRate'>;

export interface ClimbDeps {
  readonly clock: Clock;
  /** Of this control center, for the file that it leaves there: letters and digits. */
  readonly owner: string;
  /** Does some work on this server when no other climb of ours does any. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
  readonly onProgress: (readiness: Readiness) => void;
}

/** Climbs the readiness ladder of one server. Resolves in any case, except that the signal rejects it with its reason. */
export function climb(request: ClimbRequest, deps: ClimbDeps): Promise<Readiness> {
  return new Climb(request, deps).run();
}

class Climb {
  readonly #http: ComfyHttp;
  #readiness: Readiness;

  constructor(
    private readonly request: ClimbRequest,
    private readonly deps: ClimbDeps,
  ) {
    const { clock } = deps;
    this.#http = new ComfyHttp(request.address, { clock, timeoutMs: QUICK_MS, stallMs: STALL_MS });
    this.#readiness = newReadiness(clock.now());
  }

  async run(): Promise<Readiness> {
    const catalog = (await this.#ground()) ? await this.#nodes() : null;
    if (catalog !== null && this.#holds('nodes')) {
      this.#set('models', modelsRung(catalog, this.request.requirements));
      // Models can be copied there; whether files get through is worth knowing all the same.
      await this.#rung('files', () => this.#files());
    }
    this.#publish({ done: true });
    return this.#readiness;
  }

  /** Reachable, and a ComfyUI: one question answers both. */
  async #ground(): Promise<boolean> {
    const { place, masterVersion } = this.request;
    this.#set('reachable', { status: 'checking' });
    try {
      const stats = await this.#http.systemStats(this.deps.signal);
      await this.#measureLatency();
      this.#set('reachable', {
        status: 'passed',
        detail: `${placeName(place)} answers within ${this.#readiness.measured.latencyMs} ms.`,
      });
      const [device] = stats.devices;
      this.#measure({
        gpu: device?.name ?? null,
        vramTotal: device?.type === 'cpu' ? null : (device?.vram_total ?? null),
        vramFree: device?.type === 'cpu' ? null : (device?.vram_free ?? null),
        version: stats.system.comfyui_version ?? null,
      });
      this.#set('comfyui', versionRung(stats.system.comfyui_version ?? null, masterVersion));
      return true;
    } catch (error) {
      await this.#fallFromGround(error);
      return false;
    }
  }

  async #fallFromGround(error: unknown): Promise<void> {
    const { clock, signal } = this.deps;
    signal.throwIfAborted();
    const { place } = this.request;
    const kind = kindOfFailure(error);
    const unbelieved = kind === 'untrusted' || kind === 'other-name';
    const certificate = unbelieved ? await fetchCertificate(place.host, place.port, clock) : null;
    const failed = failedBy(error, place, certificate);
    if (!isReached(kind)) {
      this.#set('reachable', failed);
      return;
    }
    this.#set('reachable', { status: 'passed', detail: `Something answers at ${placeName(place)}.` });
    this.#set('comfyui', failed);
  }

  async #measureLatency(): Promise<void> {
    const { clock, signal } = this.deps;
    let best = Number.POSITIVE_INFINITY;
    for (let n = 0; n < PINGS; n += 1) {
      const asked = clock.now();
      await this.#http.queueRemaining(signal);
      best = Math.min(best, clock.now() - asked);
    }
    this.#measure({ latencyMs: Math.max(0, Math.round(best)) });
  }

  /** @returns null when its nodes cannot be read */
  async #nodes(): Promise<NodeCatalog | null> {
    let catalog: NodeCatalog | null = null;
    await this.#rung('nodes', async () => {
      catalog = readCatalog(await this.#http.objectInfoAll(this.deps.signal));
      return nodesRung(catalog, this.request.requirements);
    });
    return catalog;
  }

  async #files(): Promise<RungState> {
    const { clock, signal } = this.deps;
    const { rates } = this.request;
    const { problem, ...measured } = await this.deps.alone(() =>
      checkFile(this.#http, clock, signal, this.deps.owner, rates === null),
    );
    this.#measure(rates ?? measured);
    if (problem === null) return { status: 'passed', detail: 'A file sent there came back the same.' };
    return {
      status: 'failed',
      detail: problem,
      remedy: 'Something in between changes or cuts files: a proxy with a size limit, or a full disk there.',
      command: null,
      certificate: null,
    };
  }

  async #rung(rung: Rung, check: () => Promise<RungState>): Promise<void> {
    this.#set(rung, { status: 'checking' });
    try {
      this.#set(rung, await check());
    } catch (error) {
      this.deps.signal.throwIfAborted();
      this.#set(rung, fileOrNodeFailure(error, this.request.place));
    }
  }

  #holds(rung: Rung): boolean {
    const { status } = this.#readiness.rungs[rung];
    return status === 'passed' || status === 'warning';
  }

  #measure(measured: Partial<Measured>): void {
    this.#publish({ measured: { ...this.#readiness.measured, ...measured } });
  }

  #set(rung: Rung, state: RungState): void {
    this.#publish({ rungs: { ...this.#readiness.rungs, [rung]: state } });
  }

  #publish(change: Partial<Readiness>): void {
    this.deps.signal.throwIfAborted();
    this.#readiness = { ...this.#readiness, ...change };
    this.deps.onProgress(this.#readiness);
  }
}

export function newReadiness(at: number): Readiness {
  const waiting: RungState = { status: 'waiting' };
  const rungs = Object.fromEntries(RUNGS.map((rung) => [rung, waiting])) as Record<Rung, RungState>;
  return { at, done: false, rungs, measured: NOTHING_MEASURED };
}

/** Higher up the way there is known to be good: advice about host and port would lead astray. */
function fileOrNodeFailure(error: unknown, place: RemotePlace): RungState {
  const failed = failedBy(error, place, null);
  const hint = error instanceof EnsembleError ? error.hint : null;
  return { ...failed, remedy: hint ?? 'Look at the log of ComfyUI there.', command: null };
}
