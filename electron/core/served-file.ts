/** A binary answer below /files/…, sent by the HTTP server and by the desktop's own protocol alike. */
export interface ServedFile {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | NodeJS.ReadableStream;
}

/** For what is not sent after all: its file is closed. */
export function letGo(body: ServedFile['body']): void {
  if (body instanceof Uint8Array) return;
  // An opening file may still fail after nobody wants it.
  body.on('error', () => undefined);
  if ('destroy' in body && typeof body.destroy === 'function') body.destroy();
}

/**
 * @param range the request's Range header; players seek with it
 * @param signal aborts when nobody waits for the answer any more
 * @returns null when there is no such file
 */
export type ServeFile = (
  pathname: string,
  search: URLSearchParams,
  range?: string | null,
  signal?: AbortSignal,
) => Promise<ServedFile | null>;
