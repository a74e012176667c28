import type { Clock } from '../ports.ts';

/** Tells when nothing has moved for a while; a transfer of hours is fine as long as it goes on. */
export class StallWatch {
  #lastMove: number;
  #cancel: () => void = () => {};

  /**
   * @param limitMs without a move, until `onStall` is called, once
   * @param excused asked when the time is up: true while it is not the peer that is waited for
   */
  constructor(
    private readonly clock: Clock,
    private limitMs: number,
    private readonly onStall: (limitMs: number) => void,
    private readonly excused: () => boolean = () => false,
  ) {
    this.#lastMove = clock.now();
    this.#arm(limitMs);
  }

  /** Something moved. @param limitMs another limit from now on */
  moved(limitMs: number = this.limitMs): void {
    this.#lastMove = this.clock.now();
    if (limitMs === this.limitMs) return;
    this.limitMs = limitMs;
    this.#cancel();
    this.#arm(limitMs);
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => {};
  }

  #arm(ms: number): void {
    this.#cancel = this.clock.after(ms, () => this.#look());
  }

  // One timer a minute instead of one per chunk: it looks how long ago the last move was.
  #look(): void {
    if (this.excused()) this.#lastMove = this.clock.now();
    const left = this.#lastMove + this.limitMs - this.clock.now();
    if (left > 0) this.#arm(left);
    else this.onStall(this.limitMs);
  }
}
