import { conditionOf, isUsable } from '../../../shared/condition.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { InstanceId, InstanceSnapshot, MasterMode } from '../../../shared/model.ts';
import type { PlanParticipant } from '../../../shared/plans.ts';
import type { RunOptions } from '../../../shared/runs.ts';

/** Who takes part in a run, in which mode, and why: the one place where this is decided. Pure. */

export interface Selection {
  readonly mode: MasterMode;
  /** One sentence. */
  readonly modeReason: string;
  /** In order, the master first when it renders; they get the shards. Empty when nobody at all can. */
  readonly participants: readonly InstanceSnapshot[];
  /** Everyone who may compute a shard, those who are not up yet included; the master only when it renders. */
  readonly candidates: readonly InstanceId[];
  /** Somebody is up and lacks a node or model of the workflow. */
  readonly lacking: boolean;
  /** Every instance of the fleet, with why it does not take part. */
  readonly all: readonly PlanParticipant[];
}

/** Why an instance that would be asked cannot compute this workflow, in words; null when it can. */
export type Incapable = (instance: InstanceSnapshot) => string | null;

/** @throws EnsembleError('bad-argument') for an unknown instance in `on` */
export function select(
  instances: readonly InstanceSnapshot[],
  options: Pick<RunOptions, 'mode' | 'on'>,
  incapable: Incapable,
  now: number,
): Selection {
  refuseUnknown(instances, options.on);
  const master = instances.find(({ role }) => role === 'master');
  const wanted = instances.filter((instance) => isWanted(instance, options));
  const able = (instance: InstanceSnapshot): boolean => whyNot(instance, incapable, now) === null;
  const participants = wanted.filter(able);
  const masterRenders = wanted.some(({ role }) => role === 'master');
  // Workers that are only starting will be there in a moment: no reason for the master to step in.
  const stepsIn = !masterRenders && participants.length === 0 && master !== undefined && able(master);
  const reasons = wanted
    .filter(({ role }) => role === 'worker')
    .map((worker) => `${worker.name}: ${lowered(whyNot(worker, incapable, now) ?? 'ready')}`);
  const mode = masterRenders ? 'participating' : stepsIn ? 'fallback' : 'orchestrator-only';
  const chosen = stepsIn && master !== undefined ? [master] : participants;
  return {
    mode,
    modeReason: modeReason(mode, options, reasons),
    participants: chosen,
    candidates: [...(stepsIn && master !== undefined ? [master.id] : []), ...wanted.map(({ id }) => id)],
    lacking: instances.some((instance) => isUsable(instance) && incapable(instance) !== null),
    all: instances.map((instance) => ({
      id: instance.id,
      name: instance.name,
      role: instance.role,
      takesPart: chosen.includes(instance),
      reason: chosen.includes(instance)
        ? null
        : (unwantedReason(instance, options, wanted) ?? whyNot(instance, incapable, now)),
    })),
  };
}

/** An instance that starts is counted in: it is ready before its turn comes, or its shard goes elsewhere. */
export function isComing(instance: InstanceSnapshot): boolean {
  const { status } = instance.process;
  if (instance.control === 'attached') return false;
  return status === 'starting' || (status === 'ready' && instance.link.status === 'unknown');
}

function isWanted(instance: InstanceSnapshot, { mode, on }: Pick<RunOptions, 'mode' | 'on'>): boolean {
  if (on !== null)
    return on.includes(instance.id) && !(mode === 'orchestrator' && instance.role === 'master');
  if (instance.role === 'worker') return instance.selected;
  return mode === 'participating' || (mode === 'auto' && instance.selected);
}

function whyNot(instance: InstanceSnapshot, incapable: Incapable, now: number): string | null {
  if (isUsable(instance)) return incapable(instance);
  return isComing(instance) ? null : conditionOf(instance, now).word;
}

function unwantedReason(
  instance: InstanceSnapshot,
  { mode, on }: Pick<RunOptions, 'mode' | 'on'>,
  wanted: readonly InstanceSnapshot[],
): string | null {
  if (wanted.includes(instance)) return null;
  if (on !== null) return 'Not chosen for this run';
  if (instance.role === 'worker') return 'Not selected';
  return mode === 'orchestrator' ? 'Only orchestrates this run' : 'Set to orchestrate only';
}

function modeReason(
  mode: MasterMode,
  { mode: choice, on }: Pick<RunOptions, 'mode' | 'on'>,
  workers: readonly string[],
): string {
  switch (mode) {
    case 'participating':
      if (on !== null) return 'The master is among the instances chosen for this run.';
      return choice === 'participating'
        ? 'The master renders too, as asked for this run.'
        : 'The master’s toggle is on: it renders too.';
    case 'orchestrator-only':
      if (on !== null) return 'The master is not among the instances chosen for this run.';
      return choice === 'orchestrator'
        ? 'The master only orchestrates, as asked for this run.'
        : 'The master’s toggle is off: it only orchestrates.';
    default:
      return workers.length === 0
        ? 'No worker is selected: the master renders so that your workflow still runs.'
        : `No selected worker is usable (${workers.join('; ')}): the master renders so that your workflow still runs.`;
  }
}

function refuseUnknown(instances: readonly InstanceSnapshot[], on: RunOptions['on']): void {
  const unknown = on?.find((id) => !instances.some((instance) => instance.id === id));
  if (unknown === undefined) return;
  const known = instances.map(({ id }) => id).join(', ');
  throw EnsembleError.badArgument('on', `There is no instance “${unknown}”.`, `Known are: ${known}.`);
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
