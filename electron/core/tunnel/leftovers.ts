import type { Logger } from '../ports.ts';
import { type EndOptions, endTree } from '../supervisor/end-tree.ts';
import { systemTable } from '../supervisor/process-table.ts';
import type { ProcessRegistry } from '../supervisor/registry.ts';
import { endProcessTree, waitForGuardian } from '../supervisor/survivors.ts';
import { tunnelMarker } from './command-line.ts';

/**
 * Ends what an earlier control center left running: those on the list, and one that was started within the instant
 * before its note. A tunnel never goes on by itself: what is public is public because somebody wants it now.
 */
export async function endLeftovers(
  registry: ProcessRegistry,
  directory: string,
  logger: Logger,
  options: EndOptions = {},
): Promise<void> {
  await waitForGuardian(registry, { logger });
  for (const [id, record] of registry.records) {
    // One that cannot be seen to end stays on record for the next start.
    if (await endProcessTree(record, options)) registry.delete(id);
  }
  const marker = tunnelMarker(directory);
  const rows = await (options.table ?? systemTable).list().catch(() => []);
  const strays = rows.filter(
    ({ pid, command }) => `${command} `.includes(`${marker} `) && pid !== process.pid,
  );
  for (const { pid } of strays) logger.warn('a tunnel of an earlier control center is ended', { pid });
  await Promise.all(strays.map((row) => endTree(row, options)));
}
