import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What one running simulated server does to its GPU: `<world>/processes/<pid>.json`. */
export interface GpuUse {
  readonly pid: number;
  readonly uuid: string;
  /** Bytes. */
  readonly memoryUsed: number;
  /** 0..100 */
  readonly utilization: number;
  /** °C when this entry was written at `since` (ms since the epoch); it drifts from there with the card's inertia. */
  readonly temperature: number;
  readonly since: number;
}

const IDLE_TEMPERATURE = 34;
const BUSY_TEMPERATURE = 71;
const INERTIA_MS = 25_000;

/** A card warms and cools exponentially towards what its load calls for. */
export function temperatureAt(
  use: Pick<GpuUse, 'utilization' | 'temperature' | 'since'>,
  now: number,
): number {
  const target = IDLE_TEMPERATURE + ((BUSY_TEMPERATURE - IDLE_TEMPERATURE) * use.utilization) / 100;
  return target + (use.temperature - target) * Math.exp(-Math.max(0, now - use.since) / INERTIA_MS);
}

export class UsagePublisher {
  readonly #file: string | null;
  #use: GpuUse;

  constructor(world: string | null, uuid: string, pid: number) {
    this.#file = world === null ? null : path.join(world, 'processes', `${pid}.json`);
    this.#use = {
      pid,
      uuid,
      memoryUsed: 0,
      utilization: 0,
      temperature: IDLE_TEMPERATURE,
      since: Date.now(),
    };
    if (this.#file !== null) mkdirSync(path.dirname(this.#file), { recursive: true });
  }

  publish(change: { readonly memoryUsed?: number; readonly utilization?: number }): void {
    const now = Date.now();
    this.#use = { ...this.#use, temperature: temperatureAt(this.#use, now), since: now, ...change };
    if (this.#file === null) return;
    try {
      writeFileSync(`${this.#file}.tmp`, JSON.stringify(this.#use));
      renameSync(`${this.#file}.tmp`, this.#file);
    } catch {
      // The demo folder may be swept away under a running server: its meters are then simply gone.
    }
  }

  remove(): void {
    if (this.#file !== null) rmSync(this.#file, { force: true });
  }
}

/** The entries of living processes; files of dead ones are ignored. */
export function readUses(world: string): readonly GpuUse[] {
  const folder = path.join(world, 'processes');
  const uses: GpuUse[] = [];
  for (const name of readFolder(folder)) {
    if (!name.endsWith('.json')) continue;
    try {
      const use: GpuUse = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
      if (isAlive(use.pid)) uses.push(use);
    } catch {
      // Being replaced this very moment, or left broken by a killed process.
    }
  }
  return uses;
}

function readFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
