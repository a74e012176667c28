import type { FailureReport } from '../../../shared/lifecycle.ts';
import type { ManagedProcessDeps } from './managed-process-deps.ts';
import type { ProcessEvent } from './process-machine.ts';
import { decideRestart, RESTART_TIMING } from './restart-policy.ts';

/** Counts the automatic restarts in a row and waits before the next. */
export class Restarts {
  #count = 0;
  #cancel: () => void = () => undefined;

  constructor(private readonly deps: ManagedProcessDeps) {}

  get count(): number {
    return this.#count;
  }

  /** A person decided: no restart is due any more. */
  cancel(): void {
    this.#cancel();
  }

  /** A person started it: it has all its tries again. */
  reset(): void {
    this.#cancel();
    this.#count = 0;
  }

  /**
   * Decides what follows a death, and sets the timer if it is another try.
   * @param readyMs how long it had been ready; null when it never was
   */
  answer(
    failure: FailureReport,
    readyMs: number | null,
    generation: number,
    onDue: () => void,
  ): ProcessEvent {
    const { clock, policy, random } = this.deps;
    const { restartCrashed, restart = RESTART_TIMING } = policy();
    const death = { cause: failure.cause, readyMs, restarts: this.#count };
    const decision = decideRestart(death, restartCrashed, random(), restart);
    this.#count = decision.restarts;
    if (decision.kind === 'give-up') return { type: 'gave-up', generation, failure, restarts: this.#count };
    const { delayMs } = decision;
    this.#cancel = clock.after(delayMs, onDue);
    return { type: 'crashed', generation, failure, delayMs, attempt: this.#count + 1 };
  }
}
