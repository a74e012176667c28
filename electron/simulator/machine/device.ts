import type { BehaviourScript } from '../script.ts';
import type { SimulatedGpu } from '../world.ts';
import type { UsagePublisher } from './usage.ts';

const MIB = 1024 * 1024;
const CONTEXT_BYTES = 420 * MIB;
const DEFAULT_STEP_MS = 110;
const DEFAULT_LOAD_MS = 1_400;

/** The simulated GPU (or CPU) under one server: speed, memory, and which checkpoint is resident. */
export class Device {
  readonly gpu: SimulatedGpu | null;
  readonly memoryTotal: number;
  readonly speed: number;
  readonly #script: BehaviourScript;
  readonly #usage: UsagePublisher | null;
  readonly #resident = new Map<string, number>();
  #working = 0;
  #utilization = 0;
  #failsOnce: boolean;

  constructor(
    gpu: SimulatedGpu | null,
    hostMemory: number,
    script: BehaviourScript,
    usage: UsagePublisher | null,
  ) {
    this.gpu = gpu;
    this.memoryTotal = script.vramTotal ?? gpu?.memoryTotal ?? hostMemory;
    this.speed = script.speed ?? gpu?.speed ?? 1;
    this.#script = script;
    this.#usage = usage;
    this.#failsOnce = script.failOnceWithOom ?? false;
    this.#publish();
  }

  get memoryUsed(): number {
    return (
      CONTEXT_BYTES + [...this.#resident.values()].reduce((sum, bytes) => sum + bytes, 0) + this.#working
    );
  }

  isResident(model: string): boolean {
    return this.#resident.has(model);
  }

  /** Makes room by unloading what was loaded first, as ComfyUI's smart memory does. */
  keep(model: string): void {
    const bytes = modelBytes(model);
    for (const name of this.#resident.keys()) {
      if (this.memoryUsed + bytes <= this.memoryTotal * 0.9) break;
      this.#resident.delete(name);
    }
    this.#resident.set(model, bytes);
    this.#publish();
  }

  unloadAll(): void {
    this.#resident.clear();
    this.#publish();
  }

  loadMs(): number {
    return this.#script.modelLoadMs ?? DEFAULT_LOAD_MS;
  }

  /** One step over `samples` pictures of this size. */
  stepMs(width: number, height: number, samples: number): number {
    const share = Math.max(0.25, (width * height) / (512 * 512));
    return ((this.#script.stepMs ?? DEFAULT_STEP_MS) * share * samples) / this.speed;
  }

  /** Bytes that sampling needs beside the models. */
  workingBytes(width: number, height: number, samples: number): number {
    return Math.round(width * height * samples * 900 + 300 * MIB);
  }

  /** False also once where the script wants one failure. */
  hasRoomFor(workingBytes: number): boolean {
    const fails = this.#failsOnce;
    this.#failsOnce = false;
    return !fails && this.memoryUsed + workingBytes <= this.memoryTotal;
  }

  begin(workingBytes: number): void {
    this.#working = workingBytes;
    this.#utilization = 97;
    this.#publish();
  }

  end(): void {
    this.#working = 0;
    this.#utilization = 0;
    this.#publish();
  }

  #publish(): void {
    this.#usage?.publish({ memoryUsed: this.memoryUsed, utilization: this.#utilization });
  }
}

function modelBytes(name: string): number {
  return /xl/i.test(name) ? 6_620 * MIB : 2_040 * MIB;
}
