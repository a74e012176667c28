import path from 'node:path';
import type { InstanceId } from '../../../shared/model.ts';
import { type Clock, type Logger, sleep, systemClock } from '../ports.ts';
import { type EndOptions, endTree } from './end-tree.ts';
import { markerOf } from './launch-marker.ts';
import { type ProcessRow, type ProcessTable, systemTable } from './process-table.ts';
import { below, type Presence, presenceOf } from './process-tree.ts';
import type { ProcessRecord, ProcessRegistry } from './registry.ts';

/** A dying guardian ends trees with escalation; longer than that it does not take. */
const GUARDIAN_MS = 30_000;
/** A table that cannot be read now (no descriptors left) often can in a moment. */
const TABLE_MS = 5_000;
const POLL_MS = 100;

export interface Survivor {
  readonly id: InstanceId;
  readonly record: ProcessRecord;
}

/**
 * Identity is pid + start time + command line: a pid that was used again never matches.
 * @returns 'unknown' when the process table cannot be read
 */
export async function survival(
  record: Pick<ProcessRecord, 'pid' | 'startTime' | 'command'>,
  table: ProcessTable = systemTable,
): Promise<Presence> {
  try {
    const row = await table.find(record.pid);
    return row?.startTime === record.startTime && row.command === record.command ? 'alive' : 'gone';
  } catch {
    return 'unknown';
  }
}

/** The living process of a record; null when it is gone, is somebody else's by now, or nobody can tell. */
export async function findRecorded(
  record: Pick<ProcessRecord, 'pid' | 'startTime' | 'command'>,
  table: ProcessTable,
): Promise<ProcessRow | null> {
  const row = await table.find(record.pid).catch(() => null);
  return row?.startTime === record.startTime && row.command === record.command ? row : null;
}

/** The registered servers that are known to run; those known to be gone are forgotten, the others stay registered. */
export async function findSurvivors(
  registry: ProcessRegistry,
  table: ProcessTable = systemTable,
): Promise<readonly Survivor[]> {
  const survivors: Survivor[] = [];
  for (const [id, record] of registry.records) {
    const presence = await survival(record, table);
    if (presence === 'alive') survivors.push({ id, record });
    if (presence === 'gone') forget(registry, id);
  }
  return survivors;
}

function forget(registry: ProcessRegistry, id: InstanceId): void {
  try {
    registry.delete(id);
  } catch {
    // A full disk must not keep us from starting: a stale record is checked again before it is ever used.
  }
}

/**
 * Ends a registered tree, and does nothing when the pid belongs to somebody else by now or nobody can tell.
 * @returns true when it was seen to be gone
 */
export async function endProcessTree(record: ProcessRecord, options: EndOptions = {}): Promise<boolean> {
  const { clock = systemClock, table = systemTable } = options;
  const deadline = clock.now() + TABLE_MS;
  let presence = await survival(record, table);
  while (presence === 'unknown' && clock.now() < deadline) {
    await sleep(clock, POLL_MS);
    presence = await survival(record, table);
  }
  if (presence !== 'alive') return presence === 'gone';
  return endTree(record, { ...options, marker: markerOf(path.dirname(record.logFile)) });
}

/**
 * Ends servers of this fleet that are on no list: a control center can be killed between a spawn and its note of it.
 * Each is known by the instance folder on its command line.
 * @param instances the folder that holds the instances' folders
 * @param known pids that are accounted for, with everything below them
 */
export async function endStrays(
  instances: string,
  known: ReadonlySet<number>,
  options: EndOptions = {},
): Promise<void> {
  const rows = await (options.table ?? systemTable).list().catch(() => []);
  const accounted = new Set([process.pid, ...known, ...below(rows, known).map(({ pid }) => pid)]);
  const marker = markerOf(`${instances}${path.sep}`);
  const strays = rows.filter(({ pid, command }) => command.includes(marker) && !accounted.has(pid));
  await Promise.all(strays.map((row) => endTree(row, options)));
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
  while ((await presenceOf(guardian)) !== 'gone') {
    if (clock.now() >= deadline) {
      logger.warn('the guardian of an earlier control center does not end', { pid: guardian.pid });
      return;
    }
    await sleep(clock, POLL_MS);
  }
}
