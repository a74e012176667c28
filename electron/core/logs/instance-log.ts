import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import { messageOf } from '../../../shared/errors.ts';
import type { LogLevel, LogLine, LogPage } from '../../../shared/logs.ts';
import { type Clock, Emitter, type Logger } from '../ports.ts';
import { FileTail } from './file-tail.ts';
import { LevelGuesser, OWN_PREFIX, ownLine } from './level.ts';
import {
  BACKLOG_MS,
  CATCH_UP_CHUNKS,
  GROWING_MS,
  HISTORY_BYTES,
  IDLE_MS,
  MAX_BYTES,
  PARTIAL_MS,
  PROGRESS_MS,
  RING_CHARACTERS,
  RING_LINES,
  WATCHED_MS,
} from './limits.ts';
import { LineRing } from './line-ring.ts';
import { LineSplitter } from './line-splitter.ts';
import { diskLogFiles, type LogFiles, openForAppending, removeRotated } from './log-files.ts';
import { LogRotation } from './rotation.ts';

export interface InstanceLogDeps {
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 10,000 unless given. */
  readonly ringLines?: number;
  /** Of the file on disk before it is rotated; 16 MiB unless given. */
  readonly maxBytes?: number;
  readonly files?: LogFiles;
}

/**
 * The log of one server. The server writes the file itself, so that it goes on when the control center is gone; this
 * follows the file, keeps the newest lines and rotates it by copying and truncating. Lines written within the few
 * microseconds between the last read and the truncation are lost: the price of writers that need not cooperate.
 */
export class InstanceLog {
  readonly #lines = new Emitter<readonly LogLine[]>();
  readonly #ring: LineRing;
  readonly #tail: FileTail;
  readonly #files: LogFiles;
  readonly #splitter = new LineSplitter();
  readonly #levels = new LevelGuesser();
  readonly #rotation: LogRotation;
  #started = false;
  #begun = false;
  #skipFirst = false;
  #unwritable = false;
  #cancel: (() => void) | null = null;
  #pause = GROWING_MS;
  #grewAt = 0;
  #waiting = 0;

  constructor(private readonly deps: InstanceLogDeps) {
    this.#ring = new LineRing(deps.ringLines ?? RING_LINES, RING_CHARACTERS);
    this.#tail = new FileTail(deps.file);
    this.#files = deps.files ?? diskLogFiles;
    this.#rotation = new LogRotation({
      file: deps.file,
      maxBytes: deps.maxBytes ?? MAX_BYTES,
      files: this.#files,
      clock: deps.clock,
      tail: this.#tail,
      catchUp: () => this.#catchUp(),
      onTrouble: (reason) => this.#add([ownLine(reason, 'warning')]),
    });
  }

  get file(): string {
    return this.deps.file;
  }

  /** A descriptor for the child's stdout and stderr; the caller closes its own copy. A full disk costs the log, not the start. */
  openForChild(): number {
    try {
      const descriptor = openForAppending(this.file);
      this.#tail.follow();
      this.#soon();
      return descriptor;
    } catch (error) {
      this.#tellUnwritable(error);
      return openSync(devNull, 'a');
    }
  }

  /** Begins to follow; what the file already holds comes first. Idempotent. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#rotation.open();
    if (!this.#begun) this.#skipFirst = this.#tail.begin(HISTORY_BYTES);
    this.#begun = true;
    this.#tick();
  }

  stop(): void {
    if (!this.#started) return;
    this.#catchUp();
    this.#started = false;
    this.#rotation.close();
    this.#cancel?.();
    this.#cancel = null;
    this.#tail.close();
  }

  onLines(listener: (lines: readonly LogLine[]) => void): () => void {
    return this.#lines.on(listener);
  }

  /** @param query.after exclusive; null = the newest `limit` */
  read(query: { readonly after: number | null; readonly limit: number }): LogPage {
    return { ...this.#ring.page(query.after, query.limit), file: this.file };
  }

  /** Resolves when there is a line behind `after` (null: any line), after `ms`, or when the signal aborts. */
  wait(after: number | null, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const arrived = (): boolean => this.#ring.next > Math.max(this.#ring.first, (after ?? -1) + 1);
      const foreign = after !== null && after >= this.#ring.next;
      if (arrived() || foreign || signal?.aborted || ms <= 0) {
        resolve();
        return;
      }
      const done = (): void => {
        this.#waiting -= 1;
        unsubscribe();
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting += 1;
      const unsubscribe = this.onLines(() => arrived() && done());
      const cancel = this.deps.clock.after(ms, done);
      signal?.addEventListener('abort', done, { once: true });
      this.#soon();
    });
  }

  /** A line of our own, in the file too, so that it is there after a restart of the control center. */
  note(text: string, level: LogLevel = 'info'): void {
    if (this.#started) this.#catchUp();
    const line = ownLine(text.replace(/\s*[\r\n]+\s*/g, ' '), level);
    try {
      this.#files.append(this.file, `${this.#splitter.pending ? '\n' : ''}${line}\n`);
      this.#unwritable = false;
    } catch (error) {
      this.#tellUnwritable(error);
      this.#add([line]);
      return;
    }
    if (this.#started) this.#catchUp();
  }

  /** Empties the ring and the file; line numbers go on. */
  clear(): void {
    this.#splitter.reset();
    this.#ring.clear();
    try {
      this.#tail.truncate();
      removeRotated(this.file);
    } catch (error) {
      if (!isMissing(error)) this.#tellUnwritable(error);
    }
  }

  /** The newest `n` lines' text, up to this very moment: what a process said last is there when its exit is seen. */
  last(n: number): readonly string[] {
    if (this.#started) {
      this.#catchUp();
      this.#flush();
    }
    return this.#ring.page(null, n).lines.map((line) => line.text);
  }

  #tick(): void {
    this.#cancel = null;
    const more = this.#readChunk();
    if (this.#splitter.pending) this.#flushWhenQuiet();
    this.#rotation.check();
    this.#schedule(more ? BACKLOG_MS : this.#pause);
  }

  #schedule(ms: number): void {
    if (!this.#started) return;
    const limit = this.#waiting > 0 ? WATCHED_MS : IDLE_MS;
    this.#cancel = this.deps.clock.after(Math.min(ms, limit), () => this.#tick());
  }

  /** Something is about to happen, or somebody looks: no more long pauses. */
  #soon(): void {
    this.#pause = GROWING_MS;
    if (!this.#started) return;
    this.#cancel?.();
    this.#schedule(GROWING_MS);
  }

  /** @returns true when more is waiting */
  #readChunk(): boolean {
    try {
      const chunk = this.#tail.read();
      if (chunk === null) {
        this.#pause = Math.min(IDLE_MS, this.#pause * 2);
        return false;
      }
      this.#pause = GROWING_MS;
      this.#grewAt = this.deps.clock.now();
      if (chunk.restarted) this.#splitter.reset();
      this.#take(this.#splitter.push(chunk.bytes));
      return chunk.more;
    } catch (error) {
      this.deps.logger.warn('a log cannot be read', { file: this.file, error: messageOf(error) });
      this.#pause = IDLE_MS;
      return false;
    }
  }

  #catchUp(): void {
    for (let chunks = 0; chunks < CATCH_UP_CHUNKS; chunks += 1) {
      if (!this.#readChunk()) return;
    }
  }

  #take(lines: readonly string[]): void {
    const whole = this.#skipFirst ? lines.slice(1) : lines;
    if (lines.length > 0) this.#skipFirst = false;
    if (whole.length > 0) this.#add(whole);
  }

  #add(texts: readonly string[]): void {
    const at = this.deps.clock.now();
    const lines = texts.map((text) => this.#ring.push({ at, level: this.#levels.guess(text), text }));
    this.#lines.emit(lines);
  }

  #flushWhenQuiet(): void {
    const quiet = this.deps.clock.now() - this.#grewAt;
    if (quiet >= (this.#splitter.overwriting ? PROGRESS_MS : PARTIAL_MS)) this.#flush();
  }

  #flush(): void {
    const text = this.#splitter.flush();
    if (text !== null) this.#take([text]);
  }

  #tellUnwritable(error: unknown): void {
    if (this.#unwritable) return;
    this.#unwritable = true;
    const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
    const why = full ? 'the disk is full' : messageOf(error);
    this.deps.logger.error('a log cannot be written', { file: this.file, error: messageOf(error) });
    this.#add([`${OWN_PREFIX} WARNING: This log cannot be written: ${why}. New output may be missing.`]);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
