import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { protocol } from 'electron';
import { messageOf } from '../../shared/errors.ts';
import type { Logger } from '../core/ports.ts';
import { letGo, type ServedFile, type ServeFile } from '../core/served-file.ts';
import {
  CONTENT_SECURITY_POLICY,
  INERT_POLICY,
  SECURITY_HEADERS,
} from '../transports/http/security-headers.ts';
import { findStatic, mimeType, safePath } from '../transports/http/static-files.ts';
import { APP_SCHEME, isOwnUrl } from './app-url.ts';

/** Before `ready`: gives our pages a real origin, so that 'self', fetch and storage mean what they mean on https. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
}

export interface AppProtocolOptions {
  /** The built page. */
  readonly rendererDirectory: string;
  readonly serveFile: ServeFile;
  readonly logger: Logger;
}

/** Answers app://ensemble/: the built page, and pictures, previews and logs below /files/. */
export function serveAppProtocol({ rendererDirectory, serveFile, logger }: AppProtocolOptions): void {
  protocol.handle(APP_SCHEME, async (request) => {
    try {
      const { method, url } = request;
      if (!isOwnUrl(url)) return refusal(403);
      if (method !== 'GET' && method !== 'HEAD') return refusal(405);
      return await answer(request, rendererDirectory, serveFile);
    } catch (error) {
      logger.error('a file of the page could not be read', { url: request.url, error: messageOf(error) });
      return refusal(500);
    }
  });
}

async function answer(
  { url: address, method, headers: asked, signal }: Request,
  rendererDirectory: string,
  serveFile: ServeFile,
): Promise<Response> {
  const url = new URL(address);
  if (url.pathname.startsWith('/files/')) {
    const safe = safePath(url.pathname);
    // Only GET knows parts: HEAD tells of the whole.
    const range = method === 'GET' ? asked.get('range') : null;
    const served = safe === null ? null : await serveFile(safe, url.searchParams, range, signal);
    if (served === null) return refusal(404);
    if (method === 'GET') return respond(served, INERT_POLICY);
    letGo(served.body);
    return respond({ ...served, body: new Uint8Array() }, INERT_POLICY);
  }
  const file = await findStatic(rendererDirectory, url.pathname);
  if (file === null) return refusal(404);
  // The page's files are small; reading them whole also works inside the archive.
  const body = await readFile(file);
  const headers = { 'content-type': mimeType(file), 'cache-control': 'no-cache' };
  return respond({ status: 200, headers, body }, CONTENT_SECURITY_POLICY);
}

function respond({ status, headers, body }: ServedFile, policy: string): Response {
  return new Response(body instanceof Uint8Array ? new Uint8Array(body) : webStream(body), {
    status,
    headers: { ...SECURITY_HEADERS, 'content-security-policy': policy, ...headers },
  });
}

type Body = ConstructorParameters<typeof Response>[0];

function webStream(body: NodeJS.ReadableStream): Body {
  const readable = body instanceof Readable ? body : new Readable().wrap(body);
  // Node declares the same class twice, once as the web does.
  return Readable.toWeb(readable) as Body;
}

function refusal(status: number): Response {
  return respond({ status, headers: { 'content-type': 'text/plain' }, body: new Uint8Array() }, INERT_POLICY);
}
