import type { ControlClient } from '../../../shared/contract.ts';
import type { ProcessState, ProcessStatus } from '../../../shared/lifecycle.ts';
import type { FleetSnapshot, InstanceSnapshot, Notice } from '../../../shared/model.ts';
import { until } from './until.ts';

export type Caller = Pick<ControlClient, 'invoke'>;

/** Looks at a fleet through the contract, as a page does. */
export class Watching {
  constructor(private readonly caller: Caller) {}

  get invoke(): Caller['invoke'] {
    return this.caller.invoke;
  }

  snapshot(): Promise<FleetSnapshot> {
    return this.caller.invoke('fleet.snapshot', {});
  }

  async instance(id: string): Promise<InstanceSnapshot> {
    const found = (await this.snapshot()).instances.find((instance) => instance.id === id);
    if (found === undefined) throw new Error(`no instance ${id}`);
    return found;
  }

  fleetWhere(
    what: string,
    matches: (fleet: FleetSnapshot) => boolean,
    milliseconds?: number,
  ): Promise<FleetSnapshot> {
    return this.#last(what, () => this.snapshot(), matches, milliseconds);
  }

  instanceWhere(
    id: string,
    what: string,
    matches: (instance: InstanceSnapshot) => boolean,
    milliseconds?: number,
  ): Promise<InstanceSnapshot> {
    return this.#last(`${id} ${what}`, () => this.instance(id), matches, milliseconds);
  }

  async stateOf<S extends ProcessStatus>(
    id: string,
    status: S,
    milliseconds?: number,
  ): Promise<Extract<ProcessState, { status: S }>> {
    const { process } = await this.instanceWhere(
      id,
      `is ${status}`,
      (instance) => instance.process.status === status,
      milliseconds,
    );
    return process as Extract<ProcessState, { status: S }>;
  }

  /** All instances ready; their pids by id. */
  async allReady(count: number, milliseconds?: number): Promise<ReadonlyMap<string, number>> {
    const { instances } = await this.fleetWhere(
      `${count} are ready`,
      (fleet) =>
        fleet.instances.length === count &&
        fleet.instances.every(({ process }) => process.status === 'ready'),
      milliseconds,
    );
    return new Map(
      instances.flatMap(({ id, process }) => (process.status === 'ready' ? [[id, process.pid]] : [])),
    );
  }

  notice(title: RegExp, milliseconds?: number): Promise<Notice> {
    return until(
      `a notice says ${title}`,
      async () => (await this.caller.invoke('notices.list', {})).find((notice) => title.test(notice.title)),
      milliseconds,
    );
  }

  /** Empty while the instance is not there yet. */
  async logText(id: string): Promise<string> {
    const query = { id, after: null, limit: 5000, waitMs: 0 };
    const page = await this.caller.invoke('logs.read', query).catch(() => null);
    return (page?.lines ?? []).map(({ text }) => text).join('\n');
  }

  logSays(id: string, what: RegExp, milliseconds?: number): Promise<true> {
    return until(
      `the log of ${id} says ${what}`,
      async () => what.test(await this.logText(id)) || null,
      milliseconds,
    );
  }

  async #last<T>(
    what: string,
    look: () => Promise<T>,
    matches: (value: T) => boolean,
    milliseconds?: number,
  ): Promise<T> {
    let last: T | undefined;
    try {
      const hit = await until(
        what,
        async () => {
          last = await look();
          return matches(last) ? { value: last } : null;
        },
        milliseconds,
      );
      return hit.value;
    } catch (error) {
      throw new Error(`${String(error)} The last that was seen: ${JSON.stringify(last)}`);
    }
  }
}
