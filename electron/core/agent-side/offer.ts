import type { CommandName, EventSource, Events } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { FleetPatch, FleetSnapshot, InstanceSnapshot } from '../../../shared/model.ts';

/** What of this machine a master may see and do: its own servers and GPUs, and nothing else. */

const OF_THE_MACHINE: readonly CommandName[] = ['fleet.snapshot', 'telemetry.history', 'gpus.rescan'];
const OF_AN_INSTANCE: readonly CommandName[] = [
  'instance.start',
  'instance.stop',
  'instance.restart',
  'logs.read',
  'logs.clear',
];

/** Those of other machines are not passed on: two machines that are each other's agents would multiply for ever. */
export function isOffered({ type }: Pick<InstanceSnapshot, 'type'>): boolean {
  return type === 'local';
}

export function offeredSnapshot(snapshot: FleetSnapshot): FleetSnapshot {
  return { ...snapshot, instances: snapshot.instances.filter(isOffered) };
}

/** Revisions stay as they are: a master misses none. */
export function offeredPatch(patch: FleetPatch, isKnown: (id: string) => boolean): FleetPatch {
  return {
    ...patch,
    instances: patch.instances.filter(isOffered),
    order: patch.order?.filter(isKnown) ?? null,
  };
}

/** @param args as they came */
export function requireOffered(command: string, args: unknown, isKnown: (id: string) => boolean): void {
  const names: readonly string[] = OF_THE_MACHINE;
  if (names.includes(command)) return;
  const ofInstance: readonly string[] = OF_AN_INSTANCE;
  if (!ofInstance.includes(command)) {
    throw new EnsembleError('unauthorized', `A master may not call “${command.slice(0, 64)}” at an agent.`);
  }
  const id = typeof args === 'object' && args !== null && 'id' in args ? args.id : null;
  if (typeof id !== 'string' || !isKnown(id)) throw notOffered(String(id));
}

export function notOffered(id: string): EnsembleError {
  return new EnsembleError('not-found', `This agent has no instance “${id.slice(0, 64)}”.`);
}

/** The events that a master follows; all others never come. */
export function offeredEvents(events: EventSource, isKnown: (id: string) => boolean): EventSource {
  return {
    on: (event, listener) => {
      if (event === 'telemetry') return events.on(event, listener);
      if (event !== 'fleet') return () => {};
      const toMaster = listener as (patch: Events['fleet']) => void;
      return events.on('fleet', (patch) => toMaster(offeredPatch(patch, isKnown)));
    },
  };
}
