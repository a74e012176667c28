import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { messageOf } from '../../../shared/errors.ts';
import type { Logger } from '../ports.ts';

/** The part of an instance's log that the supervisor needs; logs/instance-log.ts has it. */
export interface ChildLog {
  readonly file: string;
  /** A descriptor that appends to the file; the caller closes it. */
  openForChild(): number;
  onLines(listener: (lines: readonly { readonly text: string }[]) => void): () => void;
  /** A line of our own. */
  note(text: string, level?: 'debug' | 'info' | 'warning' | 'error'): void;
}

/** A log that cannot be written (a full disk) must not keep the supervisor from its work. */
export function noteSafely(
  { log, logger }: { readonly log: ChildLog; readonly logger: Logger },
  text: string,
  level: 'info' | 'warning' | 'error' = 'info',
): void {
  try {
    log.note(text, level);
  } catch (error) {
    logger.error('a log cannot be written', { error: messageOf(error) });
  }
}

const MOST_BYTES = 64 * 1024;

/**
 * The last lines on disk, now: whoever follows the file may be a second behind, and a dead process says nothing again.
 * @param from byte offset where its own output begins; ignored when the file was rotated since
 */
export function lastLines(file: string, from: number, most: number): readonly string[] {
  let handle: number | null = null;
  try {
    handle = openSync(file, 'r');
    const { size } = fstatSync(handle);
    const own = from <= size ? from : 0;
    const start = Math.max(own, size - MOST_BYTES);
    const buffer = Buffer.alloc(size - start);
    const length = readSync(handle, buffer, 0, buffer.length, start);
    const lines = stripVTControlCharacters(buffer.toString('utf8', 0, length))
      .split('\n')
      .map(lastState);
    // The first line may have lost its beginning.
    if (start > own) lines.shift();
    return lines.filter((line) => line.trim() !== '').slice(-most);
  } catch {
    return [];
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

/** A progress bar rewrites its line after carriage returns: only the last state counts. */
function lastState(line: string): string {
  const states = line.split('\r').filter((state) => state !== '');
  return states.at(-1) ?? '';
}
