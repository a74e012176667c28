import type { InstanceSnapshot } from '../../../shared/model.ts';
import type { Clock } from '../ports.ts';
import { AttemptFailure } from './attempt/attempt-failure.ts';
import type { Attempts, OpenAttempt } from './attempts.ts';
import type { RunFleet } from './run-fleet.ts';

/** Between two looks at a fleet that keeps changing, ms: hundreds of workers that step are changes all the time. */
export const FLEET_LOOK_MS = 100;

export interface FleetWatchDeps {
  readonly fleet: RunFleet;
  readonly attempts: Attempts;
  readonly clock: Clock;
  /** Somebody may be free, or gone. */
  readonly pump: () => void;
}

/** Looks at the fleet at the first change and at the end of many. */
export class FleetWatch {
  #stopListening: () => void = () => {};
  #cancelRest: () => void = () => {};
  #resting = false;
  #changed = false;

  constructor(private readonly deps: FleetWatchDeps) {}

  start(): void {
    this.#stopListening = this.deps.fleet.onChange(() => this.#onChange());
  }

  close(): void {
    this.#stopListening();
    this.#cancelRest();
  }

  #onChange(): void {
    this.#changed = true;
    if (!this.#resting) this.#look();
  }

  #look(): void {
    this.#resting = this.#changed;
    if (!this.#changed) return;
    this.#changed = false;
    this.#cancelRest = this.deps.clock.after(FLEET_LOOK_MS, () => this.#look());
    this.#letGoOfLost();
    this.deps.pump();
  }

  /** A server that died, restarted or was removed has forgotten what it was sent. */
  #letGoOfLost(): void {
    const { attempts, fleet } = this.deps;
    const instances = new Map(fleet.instances().map((instance) => [instance.id, instance]));
    for (const attempt of attempts.all) {
      const gone = whyGone(attempt, instances.get(attempt.instanceId), fleet);
      if (gone !== null) attempt.controller.abort(AttemptFailure.lost(gone));
    }
  }
}

function whyGone(
  attempt: OpenAttempt,
  instance: InstanceSnapshot | undefined,
  fleet: RunFleet,
): string | null {
  const { instanceName: name, monitor } = attempt;
  if (instance === undefined) return `${name} was removed from the fleet.`;
  if (fleet.server(attempt.instanceId)?.monitor !== monitor) return `${name} was restarted.`;
  if (instance.control === 'attached') return null;
  switch (instance.process.status) {
    case 'ready':
    case 'unresponsive':
      return null;
    case 'failed':
    case 'backing-off':
      return `${name} went down: ${instance.process.failure.summary}`;
    default:
      return `${name} was stopped.`;
  }
}
