import type { LogPage } from '../../../shared/logs.ts';

/** The log of one server, whoever writes it. */
export interface LogSource {
  /** On this machine's disk; null for servers elsewhere. */
  readonly file: string | null;
  stop(): void;
  /** @param query.after exclusive; null = the newest `limit` */
  read(query: { readonly after: number | null; readonly limit: number }): LogPage;
  /** Resolves when there is a line behind `after` (null: any line), after `ms`, or when the signal aborts. */
  wait(after: number | null, ms: number, signal?: AbortSignal): Promise<void>;
  clear(): void;
}
