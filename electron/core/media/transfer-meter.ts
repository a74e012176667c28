import type { Clock } from '../ports.ts';

/** A transfer of hours must tell how fast it is long before its end, ms. */
const EVERY_MS = 2_000;

/** Tells how many bytes of a transfer moved in how many seconds, now and then and at its end. */
export class TransferMeter {
  #since: number;
  #told = 0;
  #moved = 0;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (bytes: number, seconds: number) => void,
  ) {
    this.#since = clock.now();
  }

  /** @param bytes of all that has moved */
  moved(bytes: number): void {
    this.#moved = bytes;
    if (this.clock.now() - this.#since >= EVERY_MS) this.#tellNow();
  }

  /** It went well to its end. */
  end(): void {
    this.#tellNow();
  }

  #tellNow(): void {
    const now = this.clock.now();
    // A clock that was set back tells nothing.
    const seconds = (now - this.#since) / 1000;
    if (seconds > 0 && this.#moved > this.#told) this.tell(this.#moved - this.#told, seconds);
    this.#since = now;
    this.#told = this.#moved;
  }
}
