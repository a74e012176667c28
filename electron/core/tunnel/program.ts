import { EnsembleError } from '../../../shared/errors.ts';
import type { TunnelProgram } from '../../../shared/tunnel.ts';
import { type Clock, Emitter } from '../ports.ts';
import type { Downloaded, DownloadProgress } from './download.ts';
import type { FoundProgram, ProgramFinder } from './find-program.ts';

export interface ProgramDeps {
  readonly finder: Pick<ProgramFinder, 'find'>;
  readonly download: (
    onProgress: (progress: DownloadProgress) => void,
    signal: AbortSignal,
  ) => Promise<Downloaded>;
  readonly clock: Clock;
}

/** Between two progress reports, ms. */
const PACE_MS = 200;

/** The program that carries the tunnel: found, or fetched on request. */
export class ProgramKeeper {
  readonly #changed = new Emitter<void>();
  readonly #closed = new AbortController();
  #downloading: Promise<Downloaded> | null = null;
  #progress: TunnelProgram = { status: 'downloading', version: null, received: 0, total: null };
  #toldAt = 0;

  constructor(private readonly deps: ProgramDeps) {}

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  async look(): Promise<TunnelProgram> {
    return this.#downloading === null ? this.deps.finder.find() : this.#progress;
  }

  /** @throws EnsembleError('unavailable') that says why it cannot be had */
  async path(): Promise<string> {
    const found: FoundProgram = await this.deps.finder.find();
    if (found.status === 'found') return found.path;
    throw new EnsembleError('unavailable', found.reason, found.remedy);
  }

  /** Joins a download that is under way. @throws EnsembleError, see downloadProgram */
  download(): Promise<Downloaded> {
    this.#downloading ??= this.#fetch().finally(() => {
      this.#downloading = null;
      this.#changed.emit();
    });
    return this.#downloading;
  }

  close(): void {
    this.#closed.abort(new EnsembleError('unavailable', 'The control center is closing.'));
  }

  #fetch(): Promise<Downloaded> {
    this.#progress = { status: 'downloading', version: null, received: 0, total: null };
    this.#changed.emit();
    return this.deps.download((progress) => this.#onProgress(progress), this.#closed.signal);
  }

  #onProgress(progress: DownloadProgress): void {
    this.#progress = { status: 'downloading', ...progress };
    const now = this.deps.clock.now();
    if (now - this.#toldAt < PACE_MS) return;
    this.#toldAt = now;
    this.#changed.emit();
  }
}
