import { isDisabled } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { RUNG_WORDS } from '../../shared/readiness-words.ts';
import { failedRung, type Measured, NOTHING_MEASURED } from '../../shared/remote.ts';

/** What the card of a worker elsewhere shows. Pure. */

export interface Trouble {
  readonly cause: string;
  readonly remedy: string | null;
}

/** Why it is of no use now, or not for everything; null while there is nothing to tell, or it is busy. */
export function troubleOf(instance: InstanceSnapshot): Trouble | null {
  if (instance.remote === null || isDisabled(instance)) return null;
  const { readiness, agent } = instance.remote;
  if (agent !== null) return agentTrouble(instance, agent.unreachable);
  const rung = readiness === null ? null : failedRung(readiness);
  const state = rung === null ? undefined : readiness?.rungs[rung];
  const failed = state?.status === 'failed' ? state : null;
  if (instance.link.status === 'down') {
    const { reason } = instance.link;
    return { cause: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`, remedy: failed?.remedy ?? null };
  }
  const ladderKnows = rung !== null && rung !== 'reachable' && rung !== 'comfyui';
  if (failed === null || !ladderKnows || (instance.queue ?? 0) > 0) return null;
  return { cause: `${RUNG_WORDS[rung]}: ${failed.detail}`, remedy: failed.remedy };
}

/** What its process does is told elsewhere on the card; here only why nobody gets through to it. */
function agentTrouble({ process, link }: InstanceSnapshot, unreachable: string | null): Trouble | null {
  const remedy = 'Its work goes to others meanwhile, and it comes back by itself.';
  if (unreachable !== null) return { cause: unreachable, remedy };
  return process.status === 'ready' && link.status === 'down' ? { cause: link.reason, remedy: null } : null;
}

/** What is known of a server: latency from the link, the rest from the latest climb as long as that can still be true. */
export function measuredOf({ link, server, remote }: InstanceSnapshot): Measured {
  const measured = remote?.readiness?.measured ?? NOTHING_MEASURED;
  return {
    ...measured,
    latencyMs: link.status === 'up' ? link.latencyMs : null,
    vramFree: link.status === 'up' ? measured.vramFree : null,
    gpu: measured.gpu ?? server?.deviceName ?? null,
    vramTotal: measured.vramTotal ?? server?.vramTotal ?? null,
    version: null,
  };
}
