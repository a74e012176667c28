import { EnsembleError, messageOf } from '../../../../shared/errors.ts';
import { isRecord } from '../../plain-data.ts';
import { readJson, readText } from '../http/body.ts';
import { sendJson } from '../http/replies.ts';
import type { Call, Handler } from '../http/router.ts';

/** How the plugin's own routes answer: JSON in any case, errors as `{"error": words}`. */

export type Fields = Readonly<Record<string, unknown>>;

/** An answer that is no success, in words. */
export class PluginRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Goes with the words. */
    readonly more: Fields = {},
  ) {
    super(message);
  }
}

/** Whatever it throws is told in the plugin's shape. */
export function told(handler: (call: Call) => Promise<Fields> | Fields): Handler {
  return async (call) => {
    try {
      sendJson(call.response, await handler(call));
    } catch (error) {
      const more = error instanceof PluginRefusal ? error.more : {};
      sendJson(call.response, { error: messageOf(error), ...more }, statusOf(error));
    }
  };
}

function statusOf(error: unknown): number {
  if (error instanceof PluginRefusal) return error.status;
  return error instanceof EnsembleError && error.code === 'too-large' ? 413 : 500;
}

/** @throws PluginRefusal(400) for what is no JSON object */
export async function fieldsIn({ request }: Pick<Call, 'request'>): Promise<Fields> {
  const text = await readText(request);
  let body: unknown;
  try {
    body = readJson(text);
  } catch (error) {
    throw new PluginRefusal(400, `Invalid JSON payload: ${messageOf(error)}`);
  }
  if (!isRecord(body)) throw new PluginRefusal(400, 'Expected a JSON object body');
  return body;
}

/** Whole numbers of a query between 1 and a limit; whatever else there is means the default. */
export function countIn(query: URLSearchParams, name: string, usual: number, most: number): number {
  const given = query.get(name)?.trim() ?? '';
  return /^[+-]?\d{1,15}$/.test(given) ? Math.min(most, Math.max(1, Number(given))) : usual;
}
