import { request } from 'undici';
import { z } from 'zod';

/** What a running cloudflared answers at its own address on this machine. */

const PATIENCE_MS = 2_000;
const MOST_BYTES = 64 * 1024;
const QUICK_HOST = /^(?!api\.)[a-z0-9-]+\.trycloudflare\.com$/i;

const readySchema = z.object({ readyConnections: z.int().min(0) });
const quickSchema = z.object({ hostname: z.string().regex(QUICK_HOST) });

/** @returns how many connections to Cloudflare there are; null when it does not answer */
export async function readyConnections(port: number, signal: AbortSignal): Promise<number | null> {
  // 503 with the same body while there is none.
  const reading = readySchema.safeParse(await answerOf(port, '/ready', signal));
  return reading.success ? reading.data.readyConnections : null;
}

/** @returns the public name of a quick tunnel; null when it has none, or is too old to tell */
export async function quickHost(port: number, signal: AbortSignal): Promise<string | null> {
  const reading = quickSchema.safeParse(await answerOf(port, '/quicktunnel', signal));
  return reading.success ? reading.data.hostname.toLowerCase() : null;
}

async function answerOf(port: number, path: string, signal: AbortSignal): Promise<unknown> {
  try {
    const url = `http://127.0.0.1:${port}${path}`;
    const { body } = await request(url, { signal, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS });
    let text = '';
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > MOST_BYTES) return null;
    }
    return JSON.parse(text);
  } catch {
    return null;
  }
}
