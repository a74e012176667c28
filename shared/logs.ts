/** Lines that servers print, as they are kept and shown. */

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

export interface LogLine {
  /** Grows by one per line within one instance's log. */
  readonly seq: number;
  /** When we read it. */
  readonly at: number;
  readonly level: LogLevel;
  /** Plain text: ANSI sequences removed, carriage-return progress collapsed to its last state. */
  readonly text: string;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  /** Lines that fell out of the ring before they could be read. */
  readonly dropped: number;
  /** seq of the oldest and the next line; equal when the ring is empty. */
  readonly first: number;
  readonly next: number;
  /** The file on disk. */
  readonly file: string | null;
}
