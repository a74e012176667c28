import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import type { Logger } from './ports.ts';

export interface LoggerOptions {
  readonly file: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
}

export interface FileLogger extends Logger {
  /** Writes out what is buffered; for the very end of the process. */
  flush(): void;
}

const MAX_BYTES = 8 * 1024 * 1024;
/** Lines wait at most this long for company. */
const FLUSH_MS = 1_000;

/** The control center's own log: JSON lines in a file. Nothing that happens to the file ever stops the program. */
export function createLogger(options: LoggerOptions): FileLogger {
  const destination = openDestination(options.file);
  // A full or broken disk costs the log only; without a listener the error would end the process.
  destination.on('error', () => undefined);
  const logger = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  );
  return {
    debug: (message, fields) => logger.debug(plain(fields), message),
    info: (message, fields) => logger.info(plain(fields), message),
    warn: (message, fields) => logger.warn(plain(fields), message),
    error: (message, fields) => logger.error(plain(fields), message),
    flush: () => destination.flushSync(),
  };
}

function openDestination(file: string): ReturnType<typeof pino.destination> {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    if (existsSync(file) && statSync(file).size > MAX_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // The destination reports an unusable file by itself.
  }
  const destination = pino.destination({
    dest: file,
    sync: false,
    append: true,
    mode: 0o600,
    periodicFlush: FLUSH_MS,
    retryEAGAIN: () => false,
  });
  const flushSync = destination.flushSync.bind(destination);
  // pino calls this too when the process exits, where an error would hide why it exits.
  destination.flushSync = () => {
    try {
      flushSync();
    } catch {
      // Not open yet, or unwritable: there is nothing to save.
    }
  };
  return destination;
}

/** Errors among the fields become text: as objects they would be written as {}. */
function plain(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([key, value]) => [
      key,
      value instanceof Error ? (value.stack ?? value.message) : value,
    ]),
  );
}
