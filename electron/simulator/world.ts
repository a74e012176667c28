import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A GPU of the simulated machine. Memory in bytes, power in W; speed 1 = RTX 4090. */
export interface SimulatedGpu {
  readonly uuid: string;
  readonly index: number;
  readonly pciBusId: string;
  readonly name: string;
  readonly memoryTotal: number;
  readonly speed: number;
  readonly idlePower: number;
  readonly powerLimit: number;
}

export interface SimulatedWorld {
  readonly driver: string;
  readonly gpus: readonly SimulatedGpu[];
}

const MIB = 1024 * 1024;
/** Unlike cards, relative speeds as assumed in the project's benchmarks. */
const MODELS: readonly (readonly [
  name: string,
  memoryMib: number,
  speed: number,
  idle: number,
  limit: number,
])[] = [
  ['NVIDIA GeForce RTX 4090', 24564, 1, 21, 450],
  ['NVIDIA GeForce RTX 3090', 24576, 0.55, 28, 350],
  ['NVIDIA GeForce RTX 5090', 32607, 1.5, 24, 575],
  ['NVIDIA GeForce RTX 3060', 12288, 0.25, 13, 170],
  ['NVIDIA A100 80GB PCIe', 81920, 0.95, 47, 300],
  ['NVIDIA GeForce RTX 4060 Ti', 16380, 0.36, 10, 165],
  ['NVIDIA GeForce RTX 5080', 16303, 0.85, 19, 360],
  ['NVIDIA A10', 23028, 0.37, 17, 150],
];

/** Makes `<directory>/world.json`, or keeps it when it has that many GPUs, so that their identities outlive a restart. */
export async function createWorld(directory: string, count: number): Promise<SimulatedWorld> {
  const known = await readWorld(directory).catch(() => null);
  if (known !== null && known.gpus.length === count) return known;
  const world = { driver: '580.95.05', gpus: Array.from({ length: count }, (_, index) => makeGpu(index)) };
  await mkdir(path.join(directory, 'processes'), { recursive: true });
  const file = path.join(directory, 'world.json');
  await writeFile(`${file}.tmp`, `${JSON.stringify(world, null, 2)}\n`);
  await rename(`${file}.tmp`, file);
  return world;
}

export async function readWorld(directory: string): Promise<SimulatedWorld> {
  return JSON.parse(await readFile(path.join(directory, 'world.json'), 'utf8'));
}

function makeGpu(index: number): SimulatedGpu {
  const [name, memoryMib, speed, idlePower, powerLimit] = MODELS[index % MODELS.length] ?? [
    'NVIDIA A10',
    23028,
    0.37,
    17,
    150,
  ];
  const hex = (index + 1).toString(16).padStart(2, '0');
  return {
    uuid: `GPU-5e${hex}a7c4-91d0-4f3b-8c2e-0d6b1f42${hex}9a`,
    index,
    pciBusId: `00000000:${hex.toUpperCase()}:00.0`,
    name,
    memoryTotal: memoryMib * MIB,
    speed,
    idlePower,
    powerLimit,
  };
}

/**
 * The GPU that torch would call cuda:0. `visible` is CUDA_VISIBLE_DEVICES (UUIDs, their prefixes, or indices), undefined when unset.
 * Null where torch would find none.
 */
export function pickGpu(gpus: readonly SimulatedGpu[], visible: string | undefined): SimulatedGpu | null {
  if (visible === undefined || visible === 'all') return gpus[0] ?? null;
  const first = visible.split(',')[0]?.trim() ?? '';
  if (/^\d+$/.test(first)) return gpus[Number(first)] ?? null;
  return first === '' ? null : (gpus.find((gpu) => gpu.uuid.startsWith(first)) ?? null);
}
