import { isUsable } from '../../../shared/condition.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { Attempt } from '../../../shared/runs.ts';
import { withdraw } from '../comfy/whereabouts.ts';
import type { Clock } from '../ports.ts';
import type { Journal } from './records.ts';
import type { RunFleet } from './run-fleet.ts';

/** How long a server may take to be there again, ms, before its prompts are left to it. */
const PATIENCE_MS = 180_000;
const LOOK_MS = 1_000;

export interface StraysDeps {
  readonly fleet: RunFleet;
  readonly journal: Journal;
  readonly clock: Clock;
}

/**
 * Attempts that nobody waits for any more and that an earlier life of the control center could not take back: copies that
 * were too slow, and what was left of cancelled runs. Their prompts must not keep a GPU.
 */
export class Strays {
  #left: readonly Attempt[];
  #busy = false;
  #stopListening: () => void = () => {};
  #cancel: () => void = () => {};
  readonly #begun: number;

  constructor(
    private readonly deps: StraysDeps,
    attempts: readonly Attempt[],
  ) {
    this.#left = attempts;
    this.#begun = deps.clock.now();
  }

  start(): void {
    this.#follow();
  }

  /** Nobody waits for this one any more either. */
  add(attempt: Attempt): void {
    this.#left = [...this.#left, attempt];
    this.#follow();
  }

  #follow(): void {
    if (this.#left.length === 0) return;
    this.#stopListening();
    this.#stopListening = this.deps.fleet.onChange(() => void this.#look());
    void this.#look();
  }

  close(): void {
    this.#stopListening();
    this.#cancel();
    this.#left = [];
  }

  async #look(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#cancel();
    for (const attempt of this.#left) {
      // Others may have come, or all have been let go of, meanwhile.
      if (await this.#takeBack(attempt)) this.#left = this.#left.filter((one) => one !== attempt);
    }
    this.#busy = false;
    if (this.#left.length === 0) this.#stopListening();
    else this.#cancel = this.deps.clock.after(LOOK_MS, () => void this.#look());
  }

  /** @returns false while its server is not there */
  async #takeBack({ id, instanceId }: Attempt): Promise<boolean> {
    const { fleet, journal, clock } = this.deps;
    const server = fleet.server(instanceId);
    const instance = fleet.instances().find((one) => one.id === instanceId);
    const there = server !== null && instance !== undefined && isUsable(instance);
    const taken = there
      ? await withdraw(server.http, id).then(
          () => true,
          () => false,
        )
      : Math.abs(clock.now() - this.#begun) > PATIENCE_MS;
    if (!taken || this.#left.length === 0) return false;
    const reason = 'Nobody waited for it any more when the control center was started again.';
    try {
      journal.updateAttempt(id, { endedAt: clock.now(), outcome: 'cancelled', reason });
    } catch (error) {
      if (error instanceof EnsembleError) return false;
      throw error;
    }
    return true;
  }
}
