/** A binary answer below /files/…, sent by the HTTP server and by the desktop's own protocol alike. */
export interface ServedFile {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | NodeJS.ReadableStream;
}

/**
 * @param range the request's Range header; players seek with it
 * @returns null when there is no such file
 */
export type ServeFile = (
  pathname: string,
  search: URLSearchParams,
  range?: string | null,
) => Promise<ServedFile | null>;
