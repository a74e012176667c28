import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { pause } from './boot.ts';
import { writeQuietly } from './machine/log-book.ts';
import { type GpuUse, readUses, temperatureAt } from './machine/usage.ts';
import { readWorld, type SimulatedGpu, type SimulatedWorld } from './world.ts';

const MIB = 1024 * 1024;

/** Faults of the simulated nvidia-smi, from the environment variable ENSEMBLE_SIM_SMI (JSON). */
export interface SmiFault {
  readonly mode: 'hang' | 'rubbish' | 'fail' | 'lost';
  /** Index or UUID of the lost GPU; the first one by default. */
  readonly gpu?: number | string;
}
interface SmiRequest {
  readonly kind: 'gpus' | 'processes' | 'list' | 'summary';
  readonly fields: readonly string[];
  readonly header: boolean;
  readonly units: boolean;
  /** Indices, UUIDs or bus ids; null = all. */
  readonly only: readonly string[] | null;
  readonly loopMs: number | null;
}

/** Runs `nvidia-smi` once, or again and again with --loop. Exit codes: 0, 2 for a bad field, 6 without a machine, 9 for a failing driver. */
export async function runSmi(argv: readonly string[]): Promise<void> {
  const fault: SmiFault | null = JSON.parse(process.env['ENSEMBLE_SIM_SMI'] || 'null');
  if (fault?.mode === 'hang') {
    setInterval(() => {}, 60_000);
    return;
  }
  if (fault?.mode === 'rubbish') {
    writeQuietly(1, randomBytes(2_048));
    return;
  }
  if (fault?.mode === 'fail') {
    const advice = 'Make sure that the latest NVIDIA driver is installed and running.';
    writeQuietly(
      1,
      `NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. ${advice}\n\n`,
    );
    process.exit(9);
  }
  const folder = process.env['ENSEMBLE_SIM_WORLD'];
  if (folder === undefined || folder === '') {
    writeQuietly(1, 'No devices were found\n');
    process.exit(6);
  }
  const world = await readWorld(folder);
  const request = readRequest(argv);
  for (;;) {
    answer(request, world, readUses(folder), fault);
    if (request.loopMs === null) return;
    await pause(request.loopMs);
  }
}

function readRequest(argv: readonly string[]): SmiRequest {
  const value = (...names: readonly string[]): string | null => {
    for (const [index, word] of argv.entries()) {
      for (const name of names) {
        if (word === name) return argv[index + 1] ?? '';
        if (word.startsWith(`${name}=`)) return word.slice(name.length + 1);
      }
    }
    return null;
  };
  const gpus = value('--query-gpu');
  const processes = value('--query-compute-apps');
  const format = (value('--format') ?? '').split(',');
  const [loopMs, loop] = [value('--loop-ms', '-lms'), value('--loop', '-l')];
  return {
    kind:
      gpus !== null
        ? 'gpus'
        : processes !== null
          ? 'processes'
          : argv.includes('-L') || argv.includes('--list-gpus')
            ? 'list'
            : 'summary',
    fields: (gpus ?? processes ?? '').split(',').map((field) => field.trim()),
    header: !format.includes('noheader'),
    units: !format.includes('nounits'),
    only:
      value('--id', '-i')
        ?.split(',')
        .map((id) => id.trim()) ?? null,
    loopMs: loopMs !== null ? Number(loopMs) : loop !== null ? Number(loop) * 1000 : null,
  };
}

function answer(
  request: SmiRequest,
  world: SimulatedWorld,
  uses: readonly GpuUse[],
  fault: SmiFault | null,
): void {
  const gpus = world.gpus.filter(
    ({ uuid, index, pciBusId }) =>
      request.only === null || [uuid, String(index), pciBusId].some((id) => request.only?.includes(id)),
  );
  const isLost = (gpu: SimulatedGpu): boolean =>
    fault?.mode === 'lost' && (gpu.uuid === fault.gpu || gpu.index === (fault.gpu ?? 0));
  if (request.kind === 'list') {
    for (const gpu of gpus) writeQuietly(1, `GPU ${gpu.index}: ${gpu.name} (UUID: ${gpu.uuid})\n`);
    return;
  }
  const columns = request.kind === 'processes' ? PROCESS_FIELDS : GPU_FIELDS;
  const fields =
    request.kind === 'summary'
      ? ['index', 'name', 'memory.used', 'memory.total', 'utilization.gpu']
      : request.fields;
  const unknown = fields.find((field) => !(field in columns));
  if (unknown !== undefined) {
    writeQuietly(1, `Field "${unknown}" is not a valid field to query.\n\n`);
    process.exit(2);
  }
  const heading = fields.map((field) =>
    columns[field]?.unit ? `${field} [${columns[field]?.unit}]` : field,
  );
  const rows =
    request.kind === 'processes'
      ? uses.map((use) => ({ gpu: null, uses: [use] }))
      : gpus.map((gpu) => ({ gpu, uses: usesOf(gpu, uses) }));
  const lines = rows.map(({ gpu, uses: own }) => {
    const lost = gpu !== null && isLost(gpu);
    return fields
      .map((field) =>
        cell(columns[field], world, gpu, own, {
          lost: lost && !IDENTITY.includes(field),
          units: request.units,
        }),
      )
      .join(', ');
  });
  print([...(request.header ? [heading.join(', ')] : []), ...lines].map((line) => `${line}\n`).join(''));
}

/** The real one ends by SIGPIPE when its reader has gone; with --loop it would otherwise go on for ever. */
function print(text: string): void {
  try {
    writeSync(1, text);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') process.exit(0);
  }
}

interface Column {
  readonly unit?: string;
  read(world: SimulatedWorld, gpu: SimulatedGpu | null, uses: readonly GpuUse[]): string | number;
}

function cell(
  column: Column | undefined,
  world: SimulatedWorld,
  gpu: SimulatedGpu | null,
  uses: readonly GpuUse[],
  how: { readonly lost: boolean; readonly units: boolean },
): string {
  if (column === undefined) return '[N/A]';
  if (how.lost) return '[GPU is lost]';
  const value = column.read(world, gpu, uses);
  return column.unit !== undefined && how.units ? `${value} ${column.unit}` : String(value);
}

const IDENTITY = ['index', 'uuid', 'gpu_uuid', 'name', 'gpu_name', 'pci.bus_id', 'gpu_bus_id'];
const used = (uses: readonly GpuUse[]): number =>
  Math.round(uses.reduce((sum, use) => sum + use.memoryUsed, 0) / MIB);
const reserved = 3;

const GPU_FIELDS: Readonly<Record<string, Column>> = {
  index: { read: (_, gpu) => gpu?.index ?? 0 },
  uuid: { read: (_, gpu) => gpu?.uuid ?? '' },
  gpu_uuid: { read: (_, gpu) => gpu?.uuid ?? '' },
  name: { read: (_, gpu) => gpu?.name ?? '' },
  gpu_name: { read: (_, gpu) => gpu?.name ?? '' },
  'pci.bus_id': { read: (_, gpu) => gpu?.pciBusId ?? '' },
  gpu_bus_id: { read: (_, gpu) => gpu?.pciBusId ?? '' },
  driver_version: { read: (world) => world.driver },
  count: { read: (world) => world.gpus.length },
  timestamp: { read: () => new Date().toISOString().replace('T', ' ').replace('Z', '').replaceAll('-', '/') },
  pstate: { read: (_, __, uses) => (load(uses) > 5 ? 'P2' : 'P8') },
  'mig.mode.current': { read: () => '[N/A]' },
  'memory.total': { unit: 'MiB', read: (_, gpu) => Math.round((gpu?.memoryTotal ?? 0) / MIB) },
  'memory.used': { unit: 'MiB', read: (_, __, uses) => used(uses) + reserved },
  'memory.free': {
    unit: 'MiB',
    read: (_, gpu, uses) => Math.round((gpu?.memoryTotal ?? 0) / MIB) - used(uses) - reserved,
  },
  'utilization.gpu': { unit: '%', read: (_, gpu, uses) => utilization(gpu, uses) },
  'utilization.memory': { unit: '%', read: (_, gpu, uses) => Math.round(utilization(gpu, uses) * 0.62) },
  'temperature.gpu': { read: (_, gpu, uses) => temperature(gpu, uses) },
  'power.draw': { unit: 'W', read: (_, gpu, uses) => power(gpu, uses) },
  'power.limit': { unit: 'W', read: (_, gpu) => (gpu?.powerLimit ?? 0).toFixed(2) },
  'fan.speed': {
    unit: '%',
    read: (_, gpu, uses) => Math.max(0, Math.round((temperature(gpu, uses) - 30) * 1.6)),
  },
  compute_cap: { read: () => '8.9' },
};

const PROCESS_FIELDS: Readonly<Record<string, Column>> = {
  pid: { read: (_, __, [use]) => use?.pid ?? 0 },
  gpu_uuid: { read: (_, __, [use]) => use?.uuid ?? '' },
  process_name: { read: () => 'python' },
  name: { read: () => 'python' },
  used_memory: { unit: 'MiB', read: (_, __, uses) => used(uses) },
  used_gpu_memory: { unit: 'MiB', read: (_, __, uses) => used(uses) },
};

function usesOf(gpu: SimulatedGpu, uses: readonly GpuUse[]): readonly GpuUse[] {
  return uses.filter((use) => use.uuid === gpu.uuid);
}

function load(uses: readonly GpuUse[]): number {
  return uses.reduce((most, use) => Math.max(most, use.utilization), 0);
}

/** Small jitter that differs by GPU and second, so that meters look alive. */
function jitter(gpu: SimulatedGpu | null): number {
  const seed = Math.floor(Date.now() / 1000) * 2_654_435_761 + (gpu?.index ?? 0) * 40_503;
  return ((seed >>> 0) % 1000) / 1000;
}

function utilization(gpu: SimulatedGpu | null, uses: readonly GpuUse[]): number {
  const busy = load(uses);
  return busy === 0 ? 0 : Math.max(0, Math.min(100, Math.round(busy + (jitter(gpu) - 0.6) * 6)));
}

function temperature(gpu: SimulatedGpu | null, uses: readonly GpuUse[]): number {
  const now = Date.now();
  const idle = 31 + ((gpu?.index ?? 0) % 5);
  return Math.round(uses.reduce((warmest, use) => Math.max(warmest, temperatureAt(use, now)), idle));
}

function power(gpu: SimulatedGpu | null, uses: readonly GpuUse[]): string {
  const [idle, limit] = [gpu?.idlePower ?? 10, gpu?.powerLimit ?? 100];
  return (idle + (limit * 0.93 - idle) * (load(uses) / 100) + jitter(gpu) * 3).toFixed(2);
}
