import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { EnsembleError } from '../../../shared/errors.ts';
import { letGo, type ServeFile } from '../../core/served-file.ts';
import { sendError } from './answers.ts';
import { safePath } from './static-files.ts';

/** Pictures, previews and log downloads: streamed, and stopped when the browser goes away. */
export async function sendServedFile(
  serveFile: ServeFile,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pathname = safePath(url.pathname);
  // Only GET knows parts: HEAD tells of the whole.
  const range = request.method === 'GET' ? (request.headers.range ?? null) : null;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const served = pathname === null ? null : await serveFile(pathname, url.searchParams, range, gone.signal);
  if (served === null) {
    sendError(response, new EnsembleError('not-found', 'There is no such file.'));
    return;
  }
  response.writeHead(served.status, { ...served.headers });
  if (request.method === 'HEAD') {
    letGo(served.body);
    response.end();
  } else if (served.body instanceof Uint8Array) {
    response.end(served.body);
  } else {
    // A source that fails half-way ends the connection: the length that was promised tells the browser.
    pipeline(served.body, response, () => undefined);
  }
}
