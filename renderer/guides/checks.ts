import type { InstanceSnapshot } from '../../shared/model.ts';
import { failedRung, RUNGS } from '../../shared/remote.ts';
import type { GuideCheck } from './guide.ts';

/** What can be seen of a set-up from here. Pure. */

const RUNG_WORDS = {
  reachable: 'it cannot be reached',
  comfyui: 'what answers is no ComfyUI',
  nodes: 'node classes are missing',
  models: 'models are missing',
  files: 'files do not come back whole',
} as const;

export function workersOf(
  instances: readonly InstanceSnapshot[],
  type: InstanceSnapshot['type'],
): readonly InstanceSnapshot[] {
  return instances.filter((instance) => instance.role === 'worker' && instance.type === type);
}

/** @param kind e.g. "local worker" */
export function hasOne(workers: readonly InstanceSnapshot[], kind: string): GuideCheck {
  if (workers.length === 0) return { done: false, words: `There is no ${kind} yet.` };
  return { done: true, words: `${listed(workers)} ${workers.length === 1 ? 'is' : 'are'} in the fleet.` };
}

/** The readiness ladder of at least one of them holds. */
export function climbs(workers: readonly InstanceSnapshot[], kind: string): GuideCheck {
  const ready = workers.filter(isReady);
  if (ready.length > 0) return { done: true, words: `${listed(ready)}: every rung holds.` };
  const [first] = workers;
  if (first === undefined) return { done: false, words: `Add the ${kind} first.` };
  const readiness = first.remote?.readiness ?? null;
  const rung = readiness === null ? null : failedRung(readiness);
  if (rung === null) return { done: false, words: `${first.name} is still being looked at.` };
  return { done: false, words: `${first.name}: ${RUNG_WORDS[rung]}. Its card says what to do.` };
}

function isReady({ remote }: InstanceSnapshot): boolean {
  const readiness = remote?.readiness ?? null;
  if (readiness === null || !readiness.done) return false;
  return RUNGS.every((rung) => ['passed', 'warning'].includes(readiness.rungs[rung].status));
}

/** Servers of this machine. */
export function runs(workers: readonly InstanceSnapshot[]): GuideCheck {
  const ready = workers.filter(({ process, link }) => process.status === 'ready' || link.status === 'up');
  if (ready.length > 0)
    return { done: true, words: `${listed(ready)} ${ready.length === 1 ? 'answers' : 'answer'}.` };
  return { done: false, words: workers.length === 0 ? 'Add one first.' : 'None of them answers yet.' };
}

const MOST_NAMES = 3;

function listed(workers: readonly InstanceSnapshot[]): string {
  const names = workers.map(({ name }) => name);
  const more = names.length - MOST_NAMES;
  if (more > 0) return `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
