import type { GpuSample } from '../../../shared/model.ts';

/**
 * nvidia-smi's text, read defensively. Its CSV is not quoted, so that the name, the one field that may hold a comma, is
 * asked for last. Unknown figures come as "[N/A]", "[Not Supported]", "[Unknown Error]", "N/A" or "[GPU is lost]".
 */

/** mig.mode.current is unknown to old drivers: asked for first, left out when they refuse. */
export const INVENTORY_FIELDS = ['index', 'uuid', 'pci.bus_id', 'memory.total', 'driver_version'] as const;
export const TELEMETRY_FIELDS = [
  'uuid',
  'memory.used',
  'utilization.gpu',
  'temperature.gpu',
  'power.draw',
  'power.limit',
] as const;

export function inventoryQuery(withMig: boolean): string {
  return [...INVENTORY_FIELDS, ...(withMig ? ['mig.mode.current'] : []), 'name'].join(',');
}

export const TELEMETRY_QUERY = TELEMETRY_FIELDS.join(',');

export interface GpuRow {
  readonly index: number;
  readonly uuid: string;
  readonly pciBusId: string;
  /** bytes; 0 when unknown */
  readonly memoryTotal: number;
  readonly driver: string;
  readonly migEnabled: boolean;
  readonly name: string;
  /** It still names itself, but its driver no longer reaches it. */
  readonly lost: boolean;
}

const MIB = 1024 * 1024;

/** Rows of the inventory query (`--format=csv,noheader,nounits`); anything else in the output is skipped. */
export function parseInventory(output: string, withMig: boolean): readonly GpuRow[] {
  return lines(output).flatMap((line) => {
    const fields = line.split(',').map((field) => field.trim());
    const [index, uuid, pciBusId, memory, driver] = fields;
    const mig = withMig ? fields[5] : 'Disabled';
    const name = fields.slice(withMig ? 6 : 5).join(', ');
    if (index === undefined || !/^\d{1,4}$/.test(index) || !isUuid(uuid)) return [];
    if (pciBusId === undefined || driver === undefined || name === '') return [];
    return [
      {
        index: Number(index),
        uuid,
        pciBusId,
        memoryTotal: (figure(memory) ?? 0) * MIB,
        driver: known(driver) ?? '',
        migEnabled: mig === 'Enabled',
        name: known(name) ?? `GPU ${index}`,
        lost: fields.includes('[GPU is lost]'),
      },
    ];
  });
}

/** One row of the telemetry query; null when it is not one. */
export function parseTelemetryRow(line: string): GpuSample | null {
  const fields = line.split(',').map((field) => field.trim());
  const [uuid, used, utilization, temperature, power, limit] = fields;
  if (fields.length !== TELEMETRY_FIELDS.length || !isUuid(uuid)) return null;
  const memoryUsed = figure(used);
  const percent = figure(utilization);
  return {
    uuid,
    memoryUsed: memoryUsed === null ? null : memoryUsed * MIB,
    utilization: percent === null ? null : Math.min(1, percent / 100),
    temperature: figure(temperature),
    power: figure(power),
    powerLimit: figure(limit),
  };
}

export interface LostGpu {
  /** As nvidia-smi spells it, e.g. "0000:41:00.0"; null when it names none. */
  readonly pciBusId: string | null;
  readonly reason: string;
}

/** "Unable to determine the device handle for GPU 0000:41:00.0: GPU is lost. …" and its variants. */
export function parseLost(output: string): readonly LostGpu[] {
  return lines(output).flatMap((line) => {
    if (!/Unable to determine the device handle for GPU|^GPU is lost/i.test(line)) return [];
    const match = /([0-9A-F]{4,8}:[0-9A-F]{2}:[0-9A-F]{2}\.\d):?\s*(.*)/i.exec(line);
    return [{ pciBusId: match?.[1] ?? null, reason: match?.[2] || 'GPU is lost' }];
  });
}

/** Bus ids come with four or eight digits of domain: "00000000:41:00.0" is "0000:41:00.0". */
export function sameBusId(a: string, b: string): boolean {
  const short = (id: string): string => id.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:)/, '');
  return short(a) === short(b);
}

export interface MigInstance {
  readonly parentUuid: string;
  readonly uuid: string;
  /** e.g. "1g.10gb" */
  readonly profile: string;
  /** bytes, from the profile's name; 0 when it tells none */
  readonly memoryTotal: number;
}

/** MIG instances as `nvidia-smi -L` lists them, indented below their GPU. */
export function parseMigList(output: string): readonly MigInstance[] {
  const found: MigInstance[] = [];
  let parentUuid: string | null = null;
  for (const line of lines(output)) {
    const gpu = /^GPU \d+:.*\(UUID: (GPU-[^)]+)\)/.exec(line);
    if (gpu?.[1] !== undefined) parentUuid = gpu[1];
    const mig = /^MIG (\S+)\s+Device\s+\d+:\s*\(UUID: (MIG-[^)]+)\)/.exec(line);
    if (mig?.[1] === undefined || mig[2] === undefined || parentUuid === null) continue;
    const gigabytes = Number(/\.(\d+)gb/.exec(mig[1])?.[1] ?? 0);
    found.push({ parentUuid, uuid: mig[2], profile: mig[1], memoryTotal: gigabytes * 1024 * MIB });
  }
  return found;
}

/** `--query-compute-apps=pid,gpu_uuid`: pid → UUIDs; pids that the driver hides are skipped. */
export function parseComputeProcesses(output: string): ReadonlyMap<number, readonly string[]> {
  const processes = new Map<number, readonly string[]>();
  for (const line of lines(output)) {
    const [pid, uuid] = line.split(',').map((field) => field.trim());
    if (pid === undefined || !/^\d{1,10}$/.test(pid) || !isUuid(uuid)) continue;
    const known = processes.get(Number(pid)) ?? [];
    if (!known.includes(uuid)) processes.set(Number(pid), [...known, uuid]);
  }
  return processes;
}

export function lines(output: string): readonly string[] {
  return output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function isUuid(field: string | undefined): field is string {
  return field !== undefined && /^(?:GPU|MIG)-[\w./-]{1,120}$/.test(field);
}

function known(field: string): string | null {
  return /^\[.*\]$|^N\/A$/i.test(field) ? null : field;
}

function figure(field: string | undefined): number | null {
  if (field === undefined || !/^\d+(?:\.\d+)?$/.test(field)) return null;
  return Number(field);
}
