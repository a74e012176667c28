import { writeSync } from 'node:fs';

export interface LogEntry {
  readonly t: string;
  readonly m: string;
}
export type Severity = 'info' | 'warning' | 'error';

const CAPACITY = 300;
const TAGS = {
  info: '\u001b[32m[INFO]\u001b[0m ',
  warning: '\u001b[1m\u001b[33m[WARNING]\u001b[0m ',
  error: '\u001b[1m\u001b[31m[ERROR]\u001b[0m ',
};

/** The server's own log: on stderr (or stdout with --log-stdout) and in memory for /internal/logs. 0.33.0 writes coloured tags. */
export class LogBook {
  readonly #descriptor: number;
  readonly #tagged: boolean;
  #entries: LogEntry[] = [];
  onEntry: ((entry: LogEntry) => void) | null = null;

  constructor(toStdout: boolean, tagged: boolean) {
    this.#descriptor = toStdout ? 1 : 2;
    this.#tagged = tagged;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  log(text: string, severity: Severity = 'info'): void {
    this.raw(`${this.#tagged ? TAGS[severity] : ''}${text}\n`);
  }

  /** As given: progress bars end with a carriage return. */
  raw(message: string, descriptor = this.#descriptor): void {
    const entry = { t: new Date().toISOString().replace('Z', '000'), m: message };
    this.#entries.push(entry);
    if (this.#entries.length > CAPACITY) this.#entries = this.#entries.slice(-CAPACITY);
    writeQuietly(descriptor, message);
    this.onEntry?.(entry);
  }
}

/** A closed pipe or a full disk must not end the server: Python's logging survives both. */
export function writeQuietly(descriptor: number, content: string | Uint8Array): void {
  try {
    if (typeof content === 'string') writeSync(descriptor, content);
    else writeSync(descriptor, content);
  } catch {
    // Nobody reads any more.
  }
}
