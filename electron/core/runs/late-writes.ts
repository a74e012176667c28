import { EnsembleError } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';

/** Between two tries to journal what has happened already, ms. */
const RETRY_MS = 1_000;

export interface LateWritesDeps {
  readonly clock: Clock;
  /** Nothing new is begun until a person has made room. */
  readonly hold: (why: string) => void;
}

/** What has happened cannot be refused: where the journal cannot take it now, it is told again until it can. */
export class LateWrites {
  readonly #cancels = new Set<() => void>();

  constructor(private readonly deps: LateWritesDeps) {}

  /**
   * @param write at once, and again as long as it throws an EnsembleError
   * @param then once it is written
   */
  write(write: () => void, then: () => void = () => {}): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof EnsembleError)) throw error;
      this.deps.hold(error.message);
      const cancel = this.deps.clock.after(RETRY_MS, () => {
        this.#cancels.delete(cancel);
        this.write(write, then);
      });
      this.#cancels.add(cancel);
      return;
    }
    then();
  }

  /** What is not written by now is found out again by the next start. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
