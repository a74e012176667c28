import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { InstanceId } from '../../../shared/model.ts';
import type { ProcessIdentity } from './process-tree.ts';

/** A server that we started: enough to find it again after a crash of the control center, and to be sure that it is it. */
export interface ProcessRecord extends ProcessIdentity {
  /** The command line as the system shows it, words joined by blanks. */
  readonly command: string;
  readonly port: number;
  readonly url: string;
  readonly logFile: string;
  /** CUDA_VISIBLE_DEVICES that it was given; null when it was left to itself. */
  readonly device: string | null;
  readonly generation: number;
}

export interface GuardianRecord extends ProcessIdentity {
  readonly command: string;
}

export interface RegistryContent {
  readonly version: 1;
  /** The guardian ends the servers when the control center is gone. */
  readonly stopOnExit: boolean;
  readonly guardian: GuardianRecord | null;
  readonly processes: Readonly<Record<InstanceId, ProcessRecord>>;
}

const EMPTY: RegistryContent = { version: 1, stopOnExit: true, guardian: null, processes: {} };

/**
 * `<data>/processes.json`: who runs for us. Written at once and whole (beside it, then renamed over it): between a spawn
 * and the end of the write a crash would leave an orphan that nobody knows. Every read tolerates a damaged file.
 */
export class ProcessRegistry {
  #content: RegistryContent;

  private constructor(readonly file: string) {
    this.#content = readRegistry(file);
  }

  static async open(file: string): Promise<ProcessRegistry> {
    mkdirSync(path.dirname(file), { recursive: true });
    return new ProcessRegistry(file);
  }

  get records(): ReadonlyMap<InstanceId, ProcessRecord> {
    return new Map(Object.entries(this.#content.processes));
  }

  get guardian(): GuardianRecord | null {
    return this.#content.guardian;
  }

  get guardianPid(): number | null {
    return this.#content.guardian?.pid ?? null;
  }

  get stopOnExit(): boolean {
    return this.#content.stopOnExit;
  }

  /** @throws EnsembleError('disk-full' | 'settings-unwritable') */
  set(id: InstanceId, record: ProcessRecord): void {
    this.#write({ ...this.#content, processes: { ...this.#content.processes, [id]: record } });
  }

  delete(id: InstanceId): void {
    if (!(id in this.#content.processes)) return;
    const { [id]: _gone, ...processes } = this.#content.processes;
    this.#write({ ...this.#content, processes });
  }

  setStopOnExit(stopOnExit: boolean): void {
    if (stopOnExit !== this.#content.stopOnExit) this.#write({ ...this.#content, stopOnExit });
  }

  setGuardian(guardian: GuardianRecord | null): void {
    this.#write({ ...this.#content, guardian });
  }

  #write(content: RegistryContent): void {
    this.#content = content;
    const temporary = `${this.file}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
      renameSync(temporary, this.file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw unwritable(this.file, error);
    }
  }
}

function unwritable(file: string, error: unknown): EnsembleError {
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  return new EnsembleError(
    full ? 'disk-full' : 'settings-unwritable',
    `The list of running servers could not be written to ${file}: ${messageOf(error)}.`,
    full ? 'Free some space on that disk.' : 'Check that you may write to that folder.',
    [],
    { cause: error },
  );
}

/** What the file says; empty when it is absent, damaged or from a newer version. */
export function readRegistry(file: string): RegistryContent {
  try {
    return parseRegistry(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return EMPTY;
  }
}

/** Keeps what is whole: a damaged record is worth nothing, since its identity cannot be checked. */
export function parseRegistry(value: unknown): RegistryContent {
  if (!isObject(value) || value['version'] !== 1) return EMPTY;
  const processes = isObject(value['processes']) ? value['processes'] : {};
  const whole = Object.entries(processes).filter((entry): entry is [string, ProcessRecord] =>
    isRecord(entry[1]),
  );
  const guardian = value['guardian'];
  return {
    version: 1,
    stopOnExit: value['stopOnExit'] !== false,
    guardian: isGuardian(guardian) ? guardian : null,
    processes: Object.fromEntries(whole),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGuardian(value: unknown): value is GuardianRecord {
  if (!isObject(value)) return false;
  const { pid, startTime, command } = value;
  return isPid(pid) && typeof startTime === 'string' && typeof command === 'string';
}

function isRecord(value: unknown): value is ProcessRecord {
  if (!isGuardian(value)) return false;
  const { port, url, logFile, device, generation } = value as Partial<Record<keyof ProcessRecord, unknown>>;
  return (
    Number.isInteger(port) &&
    typeof url === 'string' &&
    typeof logFile === 'string' &&
    (device === null || typeof device === 'string') &&
    Number.isInteger(generation)
  );
}

/** 0 and 1 are never ours, and a negative pid would signal a whole group. */
function isPid(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 1;
}
