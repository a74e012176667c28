import { isUsable } from '../../../shared/condition.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { Attempt } from '../../../shared/runs.ts';
import type { Clock } from '../ports.ts';
import type { ActiveShard } from './active-run.ts';
import type { Attempts } from './attempts.ts';
import type { RunBook } from './run-book.ts';
import type { RunFleet } from './run-fleet.ts';
import { isComing } from './selection.ts';

/**
 * How long a server may take, ms, to be there again before its prompts are given up: as long as a slow start with many
 * custom nodes. One that is stopped or has failed is not waited for.
 */
const PATIENCE_MS = 180_000;
/** After our own start the fleet needs a moment to know which servers are there, ms. */
const FLEET_MS = 3_000;

export interface ReattachmentDeps {
  readonly fleet: RunFleet;
  readonly book: RunBook;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly submit: (shards: readonly ActiveShard[]) => void;
  /** Nobody waits for it any more. */
  readonly stray: (attempt: Attempt) => void;
}

interface Held {
  readonly shard: ActiveShard;
  readonly attempt: Attempt;
}

/** Attempts of an earlier life of the control center: looked up on their servers as soon as these answer. */
export class Reattachment {
  readonly #begun: number;
  #held: readonly Held[];
  #stopListening: () => void = () => {};
  #cancel: () => void = () => {};

  constructor(
    private readonly deps: ReattachmentDeps,
    held: readonly Held[],
  ) {
    this.#held = held;
    this.#begun = deps.clock.now();
  }

  start(): void {
    if (this.#held.length === 0) return;
    this.#stopListening = this.deps.fleet.onChange(() => this.#look());
    this.#look();
  }

  close(): void {
    this.#stopListening();
    this.#cancel();
    this.#held = [];
  }

  #look(): void {
    this.#cancel();
    const waiting = this.#held.filter((one) => !this.#decide(one));
    this.#held = waiting;
    if (waiting.length === 0) this.#stopListening();
    else this.#cancel = this.deps.clock.after(1_000, () => this.#look());
  }

  /** @returns false while it is not known what became of it */
  #decide({ shard, attempt }: Held): boolean {
    const { fleet, attempts } = this.deps;
    const cannotGoOn = shard.stage === 2 && shard.run.secondPass === null;
    if (shard.run.isCancelled || shard.isOver || cannotGoOn) {
      this.deps.stray(attempt);
      return true;
    }
    const server = fleet.server(attempt.instanceId);
    const instance = fleet.instances().find(({ id }) => id === attempt.instanceId);
    if (server !== null && instance !== undefined && isUsable(instance) && instance.link.status === 'up') {
      attempts.reattach(shard, server, attempt);
      return true;
    }
    const waited = Math.abs(this.deps.clock.now() - this.#begun);
    if (waited < FLEET_MS || (instance !== undefined && isComing(instance) && waited < PATIENCE_MS))
      return false;
    return this.#giveUp({ shard, attempt });
  }

  /** @returns false where it cannot be journaled now */
  #giveUp({ shard, attempt }: Held): boolean {
    const { book, clock, submit } = this.deps;
    const reason = `${attempt.instanceName} was not there any more after the restart.`;
    const others = this.#held.some((one) => one.shard === shard && one.attempt !== attempt);
    const waits = !others && !this.deps.attempts.isWorkedOn(shard);
    try {
      book.together([shard], () => {
        book.endAttempt(shard, attempt.id, { endedAt: clock.now(), outcome: 'lost', reason });
        if (waits) book.changeShard(shard, 'queued');
      });
    } catch (error) {
      if (error instanceof EnsembleError) return false;
      throw error;
    }
    if (waits) submit([shard]);
    return true;
  }
}
