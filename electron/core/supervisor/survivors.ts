import type { InstanceId } from '../../../shared/model.ts';
import { type Clock, type Logger, sleep, systemClock } from '../ports.ts';
import { findProcess } from './process-table.ts';
import { type EndOptions, endTree, isAliveProcess } from './process-tree.ts';
import type { ProcessRecord, ProcessRegistry } from './registry.ts';

/** A dying guardian ends trees with escalation; longer than that it does not take. */
const GUARDIAN_MS = 30_000;
const POLL_MS = 100;

export interface Survivor {
  readonly id: InstanceId;
  readonly record: ProcessRecord;
}

/** Identity is pid + start time + command line: a pid that was used again never matches. */
export async function isSurvivor(
  record: Pick<ProcessRecord, 'pid' | 'startTime' | 'command'>,
): Promise<boolean> {
  const row = await findProcess(record.pid).catch(() => null);
  return row !== null && row.startTime === record.startTime && row.command === record.command;
}

/** The registered servers that still run; the others are forgotten. */
export async function findSurvivors(registry: ProcessRegistry): Promise<readonly Survivor[]> {
  const survivors: Survivor[] = [];
  for (const [id, record] of registry.records) {
    if (await isSurvivor(record)) survivors.push({ id, record });
    else registry.delete(id);
  }
  return survivors;
}

/** Ends a registered tree, and does nothing when the pid belongs to somebody else by now. */
export async function endProcessTree(record: ProcessRecord, options: EndOptions = {}): Promise<boolean> {
  if (!(await isSurvivor(record))) return true;
  return endTree(record, options);
}

/**
 * Waits while the guardian of a control center that died is still ending its servers: to adopt one of them now would be
 * to watch it die.
 */
export async function waitForGuardian(
  registry: ProcessRegistry,
  { clock = systemClock, logger }: { readonly clock?: Clock; readonly logger: Logger },
  limitMs = GUARDIAN_MS,
): Promise<void> {
  const { guardian } = registry;
  if (guardian === null) return;
  const deadline = clock.now() + limitMs;
  while (await isAliveProcess(guardian)) {
    if (clock.now() >= deadline) {
      logger.warn('the guardian of an earlier control center does not end', { pid: guardian.pid });
      return;
    }
    await sleep(clock, POLL_MS);
  }
}
