import type { InstanceId } from '../../../shared/model.ts';

export interface Exclusion {
  /** In words. */
  readonly reason: string;
  /** Our own clock, ms; null = until it is reset. */
  readonly until: number | null;
}

/** Pairs of instance and workflow that do not work together: for a time after failures, or for good. */
export class Exclusions {
  readonly #workers = new Map<InstanceId, Map<string, Exclusion>>();

  add(worker: InstanceId, workflow: string, exclusion: Exclusion): void {
    const workflows = this.#workers.get(worker) ?? new Map<string, Exclusion>();
    workflows.set(workflow, exclusion);
    this.#workers.set(worker, workflows);
  }

  get(worker: InstanceId, workflow: string): Exclusion | null {
    return this.#workers.get(worker)?.get(workflow) ?? null;
  }

  /** Forgets all of a worker, e.g. after its restart. */
  reset(worker: InstanceId): boolean {
    return this.#workers.delete(worker);
  }

  /** Drops what has run out. @returns whether something did */
  expire(time: number): boolean {
    let dropped = false;
    for (const [worker, workflows] of this.#workers) {
      for (const [workflow, { until }] of workflows) {
        if (until === null || until > time) continue;
        workflows.delete(workflow);
        dropped = true;
      }
      if (workflows.size === 0) this.#workers.delete(worker);
    }
    return dropped;
  }

  /** When the next one runs out; null when none does. */
  nextEnd(): number | null {
    let next: number | null = null;
    for (const workflows of this.#workers.values()) {
      for (const { until } of workflows.values()) {
        if (until !== null && (next === null || until < next)) next = until;
      }
    }
    return next;
  }
}
