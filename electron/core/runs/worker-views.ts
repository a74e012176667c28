import { conditionOf, isUsable } from '../../../shared/condition.ts';
import type { InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import type { WorkerView } from '../scheduler/scheduler-types.ts';
import type { Catalogs } from './catalogs.ts';
import type { InstanceTrust } from './instance-trust.ts';
import type { RunFleet } from './run-fleet.ts';

/** How long a server whose connection is unstable has to be there before it gets work, ms. */
const SETTLE_MS = 15_000;

export interface WorkerViewDeps {
  readonly fleet: RunFleet;
  readonly catalogs: Catalogs;
  readonly trust: InstanceTrust;
  /** Prompts of ours that are on an instance and not computed yet. */
  readonly ours: (id: InstanceId) => number;
}

/** What the scheduler may use now. */
export function workerViews(deps: WorkerViewDeps, now: number): readonly WorkerView[] {
  return deps.fleet.instances().map((instance) => {
    const server = deps.fleet.server(instance.id);
    const measured = instance.remote?.readiness?.measured;
    return {
      id: instance.id,
      usable: whyUnusable(instance, deps, now) === null,
      paid: server?.paid ?? false,
      foreignQueue: Math.max(0, (instance.queue ?? 0) - deps.ours(instance.id)),
      uploadRate: server?.sharesInput ? Number.POSITIVE_INFINITY : (measured?.uploadRate ?? null),
      downloadRate: measured?.downloadRate ?? null,
    };
  });
}

/** Why nothing is sent to an instance now, in words; null when something is. */
export function whyUnusable(
  instance: InstanceSnapshot,
  { fleet, catalogs, trust }: Omit<WorkerViewDeps, 'ours'>,
  now: number,
): string | null {
  if (!isUsable(instance) || isSettling(instance, now)) return conditionOf(instance, now).word;
  const health = fleet.server(instance.id)?.monitor.health ?? 'unknown';
  if (health === 'suspect' || health === 'lost') return 'It does not answer right now';
  const distrust = trust.whyNot(instance.id, now);
  if (distrust !== null) return distrust;
  return catalogs.get(instance) === null ? 'Its nodes and models are not known yet' : null;
}

/** What comes and goes would only lose what it is given: it stays a while first. */
function isSettling({ link }: InstanceSnapshot, now: number): boolean {
  if (link.status !== 'up' || link.losses === undefined) return false;
  // A clock that was set back must not keep it out.
  return Math.abs(now - link.since) < SETTLE_MS;
}
