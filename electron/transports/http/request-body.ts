import type { IncomingMessage } from 'node:http';
import type { CommandName } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { LIMITS } from '../../../shared/parse/fields.ts';

/** A body larger than this is refused, bytes. The largest honest one is an imported configuration. */
const MAX_BODY = 2 * 1024 * 1024;

/** Inside a JSON string every quote and line break of a workflow takes two bytes. */
const WITH_WORKFLOW = 2 * LIMITS.workflow + MAX_BODY;
const TAKES_WORKFLOW: readonly string[] = [
  'runs.plan',
  'runs.submit',
  'models.check',
  'models.script',
  'remote.test',
] satisfies readonly CommandName[];

/** @returns the most bytes that a command's body may have */
export function bodyLimit(command: string): number {
  return TAKES_WORKFLOW.includes(command) ? WITH_WORKFLOW : MAX_BODY;
}

/**
 * @param limit bytes
 * @returns the JSON value of the request's body; `{}` for an empty one
 * @throws EnsembleError('bad-argument' | 'too-large' | 'disconnected')
 */
export async function readJson(request: IncomingMessage, limit = MAX_BODY): Promise<unknown> {
  requireJson(request);
  const body = (await readBytes(request, limit)).toString('utf8');
  if (body.trim() === '') return {};
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw EnsembleError.badArgument('body', 'The body of the request is not valid JSON.');
  }
}

/** A form or an image of another site cannot send this type without asking first, and nobody here says yes. */
function requireJson(request: IncomingMessage): void {
  const type = request.headers['content-type'] ?? '';
  if (/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type)) return;
  throw EnsembleError.badArgument('content-type', 'Commands take the content type application/json.');
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = (): EnsembleError =>
    new EnsembleError('too-large', `The body of the request is larger than ${limit} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= limit) chunks.push(chunk);
      else {
        request.pause();
        reject(tooLarge());
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new EnsembleError('disconnected', 'The request was cut short.')));
  });
}
