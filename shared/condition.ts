import { assertNever } from './assert-never.ts';
import type { FleetSnapshot, InstanceSnapshot, MasterMode } from './model.ts';
import { failedRung, type Rung } from './remote.ts';

/** What a person reads about an instance: one derivation for cards, tray, CLI and notifications. */

export type Tone = 'neutral' | 'ok' | 'busy' | 'warning' | 'error';
export type InstanceAction =
  | 'launch'
  | 'stop'
  | 'restart'
  | 'interrupt'
  | 'free-memory'
  | 'open'
  | 'test-picture';

export interface InstanceCondition {
  /** e.g. "Ready", "Busy (2 queued)", "Restarting in 4 s (attempt 2)". */
  readonly word: string;
  readonly tone: Tone;
  readonly actions: readonly InstanceAction[];
}

/** @param now ms since the epoch, for countdowns */
export function conditionOf(instance: InstanceSnapshot, now: number): InstanceCondition {
  return instance.control === 'attached' ? attachedCondition(instance) : managedCondition(instance, now);
}

/** How long a lost connection is remembered against an instance, ms. */
export const UNSTABLE_WITHIN_MS = 5 * 60_000;

const WORKING: readonly InstanceAction[] = ['interrupt', 'free-memory', 'open', 'test-picture'];

/** What the ladder of a server that answers may say, short enough for a card. */
const FAILED_RUNGS: Readonly<Record<Rung, string>> = {
  reachable: 'Unreachable',
  comfyui: 'Not a ComfyUI',
  nodes: 'Missing nodes',
  models: 'Missing models',
  files: 'Files do not get through',
};

/** True for a worker elsewhere that takes no part: nobody contacts it. */
export function isDisabled(instance: InstanceSnapshot): boolean {
  return instance.remote !== null && instance.control === 'attached' && !instance.selected;
}

function attachedCondition(instance: InstanceSnapshot): InstanceCondition {
  if (isDisabled(instance)) return { word: 'Disabled', tone: 'neutral', actions: [] };
  if (instance.link.status === 'up') {
    const rung = failedRungOf(instance);
    if (rung !== null) return { word: FAILED_RUNGS[rung], tone: 'warning', actions: WORKING };
    const { losses } = instance.link;
    return losses === undefined ? serving(instance, WORKING) : unstable(losses);
  }
  if (instance.link.status === 'unknown') return { word: 'Looking…', tone: 'neutral', actions: [] };
  return { word: `Unreachable: ${instance.link.reason}`, tone: 'error', actions: [] };
}

/** Through an agent that cannot be asked nothing can be done, and what it said last may be long past. */
function managedCondition(instance: InstanceSnapshot, now: number): InstanceCondition {
  const state = instance.process;
  const unreachable = instance.remote?.agent?.unreachable ?? null;
  if (unreachable !== null) return { word: `Unreachable: ${unreachable}`, tone: 'error', actions: [] };
  switch (state.status) {
    case 'stopped':
      return { word: 'Stopped', tone: 'neutral', actions: ['launch'] };
    case 'starting':
      return { word: `Starting: ${state.step.label}`, tone: 'busy', actions: ['stop'] };
    case 'ready':
      if (instance.remote !== null && instance.link.status === 'down') {
        return { word: `Unreachable: ${instance.link.reason}`, tone: 'error', actions: ['stop', 'restart'] };
      }
      return serving(instance, ['stop', 'restart', ...WORKING]);
    case 'unresponsive':
      return { word: `Not responding: ${state.detail}`, tone: 'warning', actions: ['restart', 'stop'] };
    case 'stopping':
      return { word: 'Stopping', tone: 'busy', actions: [] };
    case 'backing-off': {
      const seconds = Math.max(0, Math.ceil((state.until - now) / 1000));
      return {
        word: `Restarting in ${seconds} s (attempt ${state.attempt})`,
        tone: 'warning',
        actions: ['launch', 'stop'],
      };
    }
    case 'failed':
      return { word: `Failed: ${state.failure.summary}`, tone: 'error', actions: ['launch'] };
    default:
      return assertNever(state);
  }
}

/** A link that comes and goes is worth more words than what is queued behind it. */
function unstable(losses: number): InstanceCondition {
  const minutes = UNSTABLE_WITHIN_MS / 60_000;
  return { word: `Unstable: lost ${losses} times in ${minutes} min`, tone: 'warning', actions: WORKING };
}

function serving(instance: InstanceSnapshot, actions: readonly InstanceAction[]): InstanceCondition {
  const queue = instance.queue ?? 0;
  if (queue > 0) return { word: `Busy (${queue} queued)`, tone: 'busy', actions };
  return { word: 'Ready', tone: 'ok', actions };
}

function failedRungOf({ remote }: InstanceSnapshot): Rung | null {
  return remote?.readiness == null ? null : failedRung(remote.readiness);
}

/** True when the instance can take a prompt now; whether it has the nodes and models of one is another question. */
export function isUsable(instance: InstanceSnapshot): boolean {
  if (failedRungOf(instance) === 'files') return false;
  return instance.control === 'attached'
    ? instance.link.status === 'up'
    : instance.process.status === 'ready' && instance.link.status !== 'down';
}

/**
 * Which mode runs now: the master's toggle decides, and an orchestrator-only master steps in as fallback while no
 * selected worker is usable.
 */
export function masterMode(participates: boolean, workers: readonly InstanceSnapshot[]): MasterMode {
  if (participates) return 'participating';
  return workers.some((worker) => worker.selected && isUsable(worker)) ? 'orchestrator-only' : 'fallback';
}

export interface ModeBadge {
  readonly text: string;
  readonly detail: string | null;
  readonly tone: Tone;
}

export function modeBadge(mode: MasterMode): ModeBadge {
  switch (mode) {
    case 'participating':
      return { text: 'Master participating in workflows', detail: null, tone: 'neutral' };
    case 'orchestrator-only':
      return { text: 'Master disabled: running as orchestrator only', detail: null, tone: 'warning' };
    case 'fallback':
      return {
        text: 'Master fallback execution active',
        detail: 'No usable worker is selected: the master renders so that your workflow still runs',
        tone: 'ok',
      };
    default:
      return assertNever(mode);
  }
}

export interface FleetPulse {
  readonly ready: number;
  readonly total: number;
  readonly queued: number;
}

export function fleetPulse(fleet: Pick<FleetSnapshot, 'instances'>): FleetPulse {
  return {
    ready: fleet.instances.filter(isUsable).length,
    total: fleet.instances.length,
    queued: fleet.instances.reduce((sum, instance) => sum + (instance.queue ?? 0), 0),
  };
}
