import { EnsembleError } from '../../../shared/errors.ts';
import type { CommandProviderSettings, LeaseId, Offer } from '../../../shared/providers.ts';
import type { Clock } from '../ports.ts';
import { which } from '../programs/which.ts';
import { parseArguments } from '../supervisor/arguments.ts';
import {
  type Holding,
  type LeaseSpec,
  type ProviderEvent,
  tagOf,
  type Watcher,
  type WorkerProvider,
} from './provider.ts';
import { Script, type ScriptEnd } from './script.ts';
import { type ListLine, readListLine, readReadyLine } from './script-line.ts';

export interface CommandProviderDeps {
  readonly clock: Clock;
  readonly controller: string;
  readonly environment: () => Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
  /** Of this process, to find programs by. */
  readonly path: NodeJS.ProcessEnv;
}

type Action = 'start' | 'stop' | 'list';
const STOP_MS = 10 * 60_000;
const LIST_MS = 60_000;
const OFFER = 'command';

/**
 * Any program that prints the URL of a ComfyUI: SkyPilot, dstack, Slurm, docker over ssh. It may end then, or go on for as
 * long as the worker lives. It is called again with the same ENSEMBLE_KEY when nobody knows what became of a call.
 */
export class CommandProvider implements WorkerProvider {
  readonly leash = 'nobody';
  readonly isRepeatable = true;
  readonly #running = new Map<LeaseId, Script>();
  /** The last that each said, for watchers that come later. */
  readonly #said = new Map<LeaseId, ProviderEvent>();
  readonly #watchers = new Set<Watcher>();

  constructor(
    private readonly settings: CommandProviderSettings,
    private readonly deps: CommandProviderDeps,
  ) {}

  async test(): Promise<string> {
    const found: string[] = [];
    for (const action of ['start', 'stop', 'list'] as const) {
      const [program] = this.#argv(action);
      if (program === undefined) continue;
      const { path, platform } = this.deps;
      const place = /[\\/]/.test(program) ? program : await which(program, path, platform);
      if (place === null) {
        throw EnsembleError.badArgument(
          action,
          `There is no program “${program}” on PATH.`,
          'Write its whole path.',
        );
      }
      found.push(`${action}: ${place}`);
    }
    return `Found ${found.join(', ')}. Nothing was started.`;
  }

  async offers(): Promise<readonly Offer[]> {
    const { id, name, pricePerHour } = this.settings;
    return [
      {
        ...{ id: OFFER, provider: id, name, vramGb: null, pricePerHour, stock: 'unknown', leash: this.leash },
        warnings: [
          'The price is what was entered for this provider; nobody checks it.',
          'If this computer is off when the time is over, only the program itself can end the worker: it is told ENSEMBLE_TTL_SECONDS.',
        ],
      },
    ];
  }

  /** Resolves when the program has said the URL, or has ended well. */
  ensure(key: LeaseId, spec: LeaseSpec, signal: AbortSignal): Promise<null> {
    if (this.#running.has(key)) return Promise.resolve(null);
    const argv = this.#argv('start');
    return new Promise((resolve, reject) => {
      const onAbort = (): void => void script.kill();
      let isReady = false;
      const script = this.#run('start', argv, key, spec, (line) => {
        const ready = isReady ? null : readReadyLine(line);
        if (ready !== null) {
          isReady = true;
          // What is given back finishes its prompt first: release ends the program, nothing before.
          signal.removeEventListener('abort', onAbort);
          this.#tell({ key, kind: 'up', ...ready });
          resolve(null);
        } else if (!isReady) this.#tell({ key, kind: 'starting', note: line });
      });
      this.#running.set(key, script);
      signal.addEventListener('abort', onAbort, { once: true });
      void script.ended.then((end) => {
        this.#running.delete(key);
        signal.removeEventListener('abort', onAbort);
        // A program that ends well has made something that stands without it.
        if (isReady && end.code === 0) return;
        if (isReady) this.#tell({ key, kind: 'gone', because: `Its program ended (${endOf(end)}).` });
        else reject(signal.aborted ? signal.reason : this.#unready(end));
      });
    });
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    for (const event of this.#said.values()) watcher.onEvent(event);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  async release(key: LeaseId): Promise<void> {
    this.#said.delete(key);
    await this.#running.get(key)?.kill();
    const argv = this.#argv('stop');
    await this.#toEnd('stop', argv, key, STOP_MS);
  }

  async reconcile(): Promise<readonly Holding[] | null> {
    const argv = this.#argv('list');
    if (argv.length === 0) return null;
    const rows: ListLine[] = [];
    await this.#toEnd('list', argv, null, LIST_MS, (line) => {
      const row = readListLine(line);
      if (row !== null) rows.push(row);
    });
    for (const { key, address, pricePerHour } of rows) {
      if (address !== null) this.#tell({ key, kind: 'up', address, pricePerHour });
    }
    return rows.map(({ key, address, pricePerHour }) => ({
      ...{ key, reference: key, url: address?.url ?? null, pricePerHour },
    }));
  }

  async #toEnd(
    action: Action,
    argv: readonly string[],
    key: LeaseId | null,
    limitMs: number,
    onLine: (line: string) => void = () => {},
  ): Promise<void> {
    const script = this.#run(action, argv, key, null, onLine);
    let isLate = false;
    const cancel = this.deps.clock.after(limitMs, () => {
      isLate = true;
      void script.kill();
    });
    const end = await script.ended;
    cancel();
    if (end.code === 0) return;
    const why = isLate ? `not over within ${limitMs / 60_000} min` : endOf(end);
    throw new EnsembleError(
      'unavailable',
      `The ${action} command of ${this.settings.name} failed (${why}).`,
      `Run it by hand: ${argv.join(' ')}`,
    );
  }

  #run(
    action: Action,
    argv: readonly string[],
    key: LeaseId | null,
    spec: LeaseSpec | null,
    onLine: (line: string) => void,
  ): Script {
    const { clock, controller } = this.deps;
    const environment = {
      ...this.deps.environment(),
      ENSEMBLE_ACTION: action,
      ENSEMBLE_CONTROLLER: controller,
      ...(key === null ? {} : { ENSEMBLE_KEY: key, ENSEMBLE_NAME: `${tagOf(controller)}${key}` }),
      ...(spec === null
        ? {}
        : {
            ENSEMBLE_TTL_SECONDS: String(spec.ttlMinutes * 60),
            ENSEMBLE_PRICE_PER_HOUR: String(spec.pricePerHour),
          }),
    };
    return new Script({ argv, environment }, clock, onLine);
  }

  #unready(end: ScriptEnd): Error {
    const { name } = this.settings;
    if (end.code === 0) {
      return new EnsembleError(
        'unavailable',
        `The start command of ${name} ended without saying a URL.`,
        'Let it print the address of the ComfyUI alone on one line, e.g. https://gpu.example.com:8188.',
      );
    }
    // It may have made something before it failed: the stop command has to see to that.
    return new EnsembleError('unavailable', `The start command of ${name} failed (${endOf(end)}).`);
  }

  #argv(action: Action): readonly string[] {
    const parsed = parseArguments(this.settings[action], this.deps.platform);
    if ('problem' in parsed) throw EnsembleError.badArgument(action, parsed.problem);
    return parsed.argv;
  }

  #tell(event: ProviderEvent): void {
    this.#said.set(event.key, event);
    for (const { onEvent } of this.#watchers) onEvent(event);
  }
}

function endOf({ code, lastLines, spawnError }: ScriptEnd): string {
  if (spawnError !== null) return spawnError;
  const how = code === null ? 'killed' : `exit code ${code}`;
  const last = lastLines.slice(-3).join(' / ');
  return last === '' ? how : `${how}: ${last.slice(0, 500)}`;
}
