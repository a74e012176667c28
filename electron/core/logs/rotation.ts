import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { messageOf } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import type { FileTail } from './file-tail.ts';
import { type LogFiles, rotatedName } from './log-files.ts';

export interface RotationDeps {
  readonly file: string;
  readonly maxBytes: number;
  readonly files: LogFiles;
  readonly clock: Clock;
  readonly tail: FileTail;
  /** Reads what was written up to now. */
  readonly catchUp: () => void;
  /** The older part could not be kept, or the file not be cut. */
  readonly onTrouble: (reason: string) => void;
}

/** After a failure, so that a full disk is not asked to copy 16 MiB at every tick. */
const RETRY_MS = 60_000;
/** A writer that is faster than us must not hold us here. */
const MOST_ROUNDS = 4;

/** Keeps a log file small: copies it aside and truncates it in place, since its writers keep it open. */
export class LogRotation {
  #busy = false;
  #notBefore = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(private readonly deps: RotationDeps) {}

  /** Cheap while the file is small. */
  check(): void {
    const { tail, maxBytes, clock } = this.deps;
    if (tail.offset < maxBytes || this.#busy || clock.now() < this.#notBefore) return;
    this.#busy = true;
    void this.#rotate().finally(() => {
      this.#busy = false;
    });
  }

  close(): void {
    this.#closed = true;
  }

  open(): void {
    this.#closed = false;
  }

  async #rotate(): Promise<void> {
    const copy = new RotationCopy(this.deps.file, this.deps.files);
    try {
      await copy.copyBulk();
      if (this.#closed) return await copy.discard();
      this.#cut(copy);
      await copy.finish();
    } catch (error) {
      await copy.discard();
      this.#giveUpOlderPart(error);
    }
  }

  /** From the last read to the truncation nobody else has a turn. */
  #cut(copy: RotationCopy | null): void {
    const { tail, catchUp } = this.deps;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      catchUp();
      copy?.copyRest(tail.offset);
      if (tail.atEnd()) break;
    }
    tail.truncate();
  }

  /** Without room for a copy the file is cut all the same: it must not grow for ever. */
  #giveUpOlderPart(cause: unknown): void {
    this.#notBefore = this.deps.clock.now() + RETRY_MS;
    if (this.#closed) return;
    try {
      this.#cut(null);
      this.deps.onTrouble(`The older part of this log could not be kept: ${messageOf(cause)}`);
    } catch (error) {
      this.deps.onTrouble(`This log cannot be rotated: ${messageOf(error)}`);
    }
  }
}

/** A copy being made: first the bulk without blocking, then what was written meanwhile. */
class RotationCopy {
  readonly #draft: string;

  constructor(
    private readonly file: string,
    private readonly files: LogFiles,
  ) {
    this.#draft = `${rotatedName(file)}.tmp`;
  }

  async copyBulk(): Promise<void> {
    await this.files.copy(this.file, this.#draft);
  }

  /** Adds the bytes up to `end` that the bulk lacks. Synchronous, so that the file can be truncated right after. */
  copyRest(end: number): void {
    const source = openSync(this.file, 'r');
    const target = openSync(this.#draft, 'a');
    try {
      const buffer = Buffer.allocUnsafe(64 * 1024);
      let at = statSync(this.#draft).size;
      while (at < end) {
        const count = readSync(source, buffer, 0, Math.min(buffer.length, end - at), at);
        if (count === 0) break;
        writeSync(target, buffer, 0, count);
        at += count;
      }
    } finally {
      closeSync(source);
      closeSync(target);
    }
  }

  async finish(): Promise<void> {
    await rename(this.#draft, rotatedName(this.file));
  }

  async discard(): Promise<void> {
    await rm(this.#draft, { force: true }).catch(() => undefined);
  }
}
