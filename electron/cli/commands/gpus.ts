import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { GpuInfo, GpuInventoryState, GpuSample } from '../../../shared/model.ts';
import { lookAtGpus } from '../../core/doctor/probes.ts';
import { type Cell, type Terminal, table } from '../terminal.ts';

export interface GpuListing {
  readonly inventory: GpuInventoryState;
  readonly gpus: readonly GpuInfo[];
  /** Of this moment; empty when no control center runs to measure. */
  readonly samples: readonly GpuSample[];
}

const GIBIBYTE = 1024 ** 3;
const HEADER = ['GPU', 'NAME', 'MEMORY', 'USE', 'TEMPERATURE', 'POWER', 'UUID'];

/** @param client null: nvidia-smi is asked here */
export async function printGpus(
  client: ControlClient | null,
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  const listing = client === null ? await lookHere() : await ask(client);
  if (json) {
    terminal.print(JSON.stringify(listing));
    return;
  }
  const { inventory } = listing;
  if (inventory.status === 'unavailable' && listing.gpus.length === 0) {
    throw new EnsembleError('unavailable', inventory.message, inventory.hint);
  }
  for (const line of gpuLines(listing, terminal)) terminal.print(line);
}

export function gpuLines({ gpus, samples }: GpuListing, terminal: Terminal): readonly string[] {
  return table(
    terminal,
    HEADER,
    gpus.map((gpu) => rowOf(gpu, samples.find((sample) => sample.uuid === gpu.uuid) ?? null)),
  );
}

async function ask(client: ControlClient): Promise<GpuListing> {
  const [fleet, history] = await Promise.all([
    client.invoke('fleet.snapshot', {}),
    client.invoke('telemetry.history', {}),
  ]);
  return { inventory: fleet.gpuInventory, gpus: fleet.gpus, samples: history.at(-1)?.gpus ?? [] };
}

async function lookHere(): Promise<GpuListing> {
  const facts = await lookAtGpus({ environment: process.env, platform: process.platform });
  if (facts.status === 'failed') {
    const { message, hint } = facts;
    return { inventory: { status: 'unavailable', message, hint }, gpus: [], samples: [] };
  }
  const { command, driver, gpus } = facts;
  return { inventory: { status: 'ok', command, driver }, gpus, samples: [] };
}

function rowOf(gpu: GpuInfo, sample: GpuSample | null): readonly Cell[] {
  const total = `${(gpu.memoryTotal / GIBIBYTE).toFixed(1)} GiB`;
  const used = sample?.memoryUsed ?? null;
  return [
    { text: String(gpu.index) },
    gpu.health === 'lost' ? { text: `${gpu.name} (lost)`, tone: 'error' } : { text: gpu.name },
    { text: used === null ? total : `${(used / GIBIBYTE).toFixed(1)} of ${total}` },
    { text: measured(sample?.utilization ?? null, (share) => `${Math.round(share * 100)} %`) },
    { text: measured(sample?.temperature ?? null, (degrees) => `${Math.round(degrees)} °C`) },
    { text: measured(sample?.power ?? null, (watts) => `${Math.round(watts)} W`) },
    { text: gpu.uuid },
  ];
}

function measured(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}
