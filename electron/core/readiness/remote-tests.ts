import { EnsembleError } from '../../../shared/errors.ts';
import type { ClimbProgress, Readiness } from '../../../shared/remote.ts';
import { Emitter } from '../ports.ts';
import type { ClimbRequest } from './climb.ts';
import type { Climber } from './climber.ts';

/** More drafts than a person fills in at once. */
const AT_ONCE = 16;

/** Tests that people ask for in a dialog, before anything is saved; each is told live and can be let go of. */
export class RemoteTests {
  readonly #progress = new Emitter<ClimbProgress>();
  readonly #running = new Map<string, AbortController>();

  constructor(private readonly climber: Climber) {}

  onProgress(listener: (progress: ClimbProgress) => void): () => void {
    return this.#progress.on(listener);
  }

  /** A second test of one id ends the first. @throws EnsembleError('unavailable') when it was let go of */
  async run(testId: string, request: ClimbRequest): Promise<Readiness> {
    this.stop(testId);
    if (this.#running.size >= AT_ONCE) {
      throw new EnsembleError('conflict', 'Too many tests are under way.', 'Wait until one is done.');
    }
    const controller = new AbortController();
    this.#running.set(testId, controller);
    try {
      return await this.climber.now(request, controller.signal, (readiness) =>
        this.#progress.emit({ testId, readiness }),
      );
    } finally {
      if (this.#running.get(testId) === controller) this.#running.delete(testId);
    }
  }

  stop(testId: string): void {
    this.#running.get(testId)?.abort(new EnsembleError('unavailable', 'The test was let go of.'));
    this.#running.delete(testId);
  }
}
