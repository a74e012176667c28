import type { GpuInfo } from '../../../shared/model.ts';
import type { CommandLine, CommandResult, RunCommand } from '../programs/run-command.ts';
import { explainFailure, type SmiFailure } from './failure.ts';
import {
  type GpuRow,
  inventoryQuery,
  type LostGpu,
  type MigInstance,
  parseInventory,
  parseLost,
  parseMigList,
  sameBusId,
} from './nvidia-smi.ts';

export interface SmiCommand extends CommandLine {
  readonly simulated: boolean;
}

/** A hung driver makes nvidia-smi hang; nobody waits longer than this. */
export const SMI_TIMEOUT_MS = 5_000;
export const CSV = '--format=csv,noheader,nounits';

export type InventoryResult =
  | {
      readonly ok: true;
      readonly gpus: readonly GpuInfo[];
      readonly driver: string | null;
      /** UUIDs that telemetry rows will carry: the healthy physical GPUs. */
      readonly physical: readonly string[];
      /** MIG instance → the GPU it is a part of. */
      readonly parents: ReadonlyMap<string, string>;
    }
  | { readonly ok: false; readonly failure: SmiFailure };

/**
 * One look at all GPUs.
 * @param known GPUs seen before: one that is gone stays in the list as lost, so that its workers can say so
 */
export async function queryInventory(
  smi: SmiCommand,
  run: RunCommand,
  known: readonly GpuInfo[],
): Promise<InventoryResult> {
  const { result, withMig } = await askAll(smi, run);
  const text = `${result.stdout}\n${result.stderr}`;
  const lost = parseLost(text);
  let rows = parseInventory(result.stdout, withMig);
  if (rows.length === 0 && lost.length > 0) rows = await askHealthy(smi, run, known, lost, withMig);
  if (rows.length === 0 && (lost.length === 0 || known.length === 0)) {
    return { ok: false, failure: explainFailure(result) };
  }
  const instances = rows.some((row) => row.migEnabled)
    ? parseMigList((await run(smi, ['-L'], { timeoutMs: SMI_TIMEOUT_MS })).stdout)
    : [];
  const healthy = rows.flatMap((row) => toGpus(row, instances, smi.simulated));
  return {
    ok: true,
    gpus: [...healthy, ...missing(healthy, rows, known, lost, smi.simulated)].sort(byIndex),
    driver: rows.find((row) => row.driver !== '')?.driver ?? known[0]?.driver ?? null,
    physical: rows.map((row) => row.uuid),
    parents: new Map(instances.map((instance) => [instance.uuid, instance.parentUuid])),
  };
}

async function askAll(
  smi: SmiCommand,
  run: RunCommand,
): Promise<{ result: CommandResult; withMig: boolean }> {
  const ask = (withMig: boolean): Promise<CommandResult> =>
    run(smi, [`--query-gpu=${inventoryQuery(withMig)}`, CSV], { timeoutMs: SMI_TIMEOUT_MS });
  const result = await ask(true);
  const refused = result.code !== 0 && /not a valid field/i.test(result.stdout + result.stderr);
  return refused ? { result: await ask(false), withMig: false } : { result, withMig: true };
}

/** One lost GPU makes some drivers refuse the whole table: the others are asked for by name. */
async function askHealthy(
  smi: SmiCommand,
  run: RunCommand,
  known: readonly GpuInfo[],
  lost: readonly LostGpu[],
  withMig: boolean,
): Promise<readonly GpuRow[]> {
  const others = known.filter((gpu) => !isLost(gpu, lost));
  const ids = [...new Set(others.map((gpu) => gpu.pciBusId))].join(',');
  if (ids === '') return [];
  const query = [`--id=${ids}`, `--query-gpu=${inventoryQuery(withMig)}`, CSV];
  return parseInventory((await run(smi, query, { timeoutMs: SMI_TIMEOUT_MS })).stdout, withMig);
}

/** A GPU in MIG mode computes only through its instances, so these stand in its place. */
function toGpus(row: GpuRow, instances: readonly MigInstance[], simulated: boolean): readonly GpuInfo[] {
  const { index, uuid, pciBusId, name, memoryTotal, driver } = row;
  const gpu = {
    index,
    uuid,
    pciBusId,
    name,
    memoryTotal,
    driver,
    mig: false,
    health: row.lost ? 'lost' : 'ok',
    simulated,
  } as const;
  if (!row.migEnabled) return [gpu];
  return instances
    .filter((instance) => instance.parentUuid === uuid)
    .map((instance) => ({
      ...gpu,
      uuid: instance.uuid,
      name: `${name} MIG ${instance.profile}`,
      memoryTotal: instance.memoryTotal,
      mig: true,
    }));
}

function missing(
  healthy: readonly GpuInfo[],
  rows: readonly GpuRow[],
  known: readonly GpuInfo[],
  lost: readonly LostGpu[],
  simulated: boolean,
): readonly GpuInfo[] {
  const present = new Set(healthy.map((gpu) => gpu.uuid));
  const gone = known
    .filter((gpu) => !present.has(gpu.uuid))
    .map((gpu) => ({ ...gpu, health: 'lost' as const }));
  const strangers = lost.flatMap(({ pciBusId }, position) => {
    if (pciBusId === null) return [];
    if ([...known, ...rows].some((gpu) => sameBusId(gpu.pciBusId, pciBusId))) return [];
    const index = rows.length + position;
    const gpu = { uuid: `GPU-lost-${pciBusId}`, index, pciBusId, name: 'Lost GPU', memoryTotal: 0 };
    return [{ ...gpu, driver: rows[0]?.driver ?? '', mig: false, health: 'lost', simulated } as const];
  });
  return [...gone, ...strangers];
}

function isLost(gpu: GpuInfo, lost: readonly LostGpu[]): boolean {
  return lost.some(({ pciBusId }) => pciBusId !== null && sameBusId(gpu.pciBusId, pciBusId));
}

function byIndex(a: GpuInfo, b: GpuInfo): number {
  return a.index - b.index;
}
