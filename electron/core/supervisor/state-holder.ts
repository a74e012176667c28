import type { ProcessState } from '../../../shared/lifecycle.ts';
import { type Clock, Emitter } from '../ports.ts';
import { advance } from './boot-progress.ts';
import type { ChildLog } from './log-tail.ts';
import { nextState, type ProcessEvent } from './process-machine.ts';

/** The state of one managed process, changed by events alone. */
export class StateHolder {
  readonly #clock: Clock;
  readonly #changed = new Emitter<ProcessState>();
  #state: ProcessState;
  #frozen = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#state = { status: 'stopped', since: clock.now() };
  }

  get value(): ProcessState {
    return this.#state;
  }

  onChange(listener: (state: ProcessState) => void): () => void {
    return this.#changed.on(listener);
  }

  apply(event: ProcessEvent): void {
    const next = nextState(this.#state, event, this.#clock.now());
    if (next === this.#state || this.#frozen) return;
    this.#state = next;
    this.#changed.emit(next);
  }

  /** From now on nothing is told any more. */
  freeze(): void {
    this.#frozen = true;
  }

  /** Reads the steps of a start out of its output. @returns what ends that */
  followBoot(log: ChildLog, generation: number): () => void {
    return log.onLines((lines) => {
      if (this.#state.status !== 'starting') return;
      const step = lines.reduce((before, { text }) => advance(before, text), this.#state.step);
      if (step !== this.#state.step) this.apply({ type: 'stepped', generation, step });
    });
  }
}
