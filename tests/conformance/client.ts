import { type Dispatcher, FormData, request } from 'undici';
import { WebSocket } from 'ws';

/** A plain client: what is checked here must not depend on our own client being right. */

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

export interface CallOptions {
  readonly method?: Dispatcher.HttpMethod;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const body =
    options.json === undefined ? (options.form ?? options.text ?? null) : JSON.stringify(options.json);
  const reply = await request(url, {
    method: options.method ?? (body === null ? 'GET' : 'POST'),
    headers: {
      ...(options.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    body,
  });
  const bytes = Buffer.from(await reply.body.arrayBuffer());
  const headers = Object.entries(reply.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: reply.statusCode,
    headers: Object.fromEntries(headers),
    bytes,
    json: parse(bytes.toString()),
  };
}

/** Walks into JSON; undefined where the path ends early. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of keys) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export interface Message {
  readonly type: string;
  readonly data: unknown;
}

/** One WebSocket that remembers everything it got. */
export interface Listener {
  readonly clientId: string;
  readonly messages: readonly Message[];
  readonly frames: readonly Buffer[];
  /** Types of the messages about one prompt, in order. */
  about(promptId: string): readonly string[];
  send(value: unknown): void;
  close(): Promise<void>;
}

export async function listen(
  url: string,
  clientId: string,
  options: { readonly flags?: boolean } = {},
): Promise<Listener> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws?clientId=${clientId}`);
  const messages: Message[] = [];
  const frames: Buffer[] = [];
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('message', (data, isBinary) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
    const value = isBinary ? undefined : parse(bytes.toString());
    if (isBinary) frames.push(bytes);
    else messages.push({ type: String(at(value, 'type')), data: at(value, 'data') });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  const send = (value: unknown): void => socket.send(JSON.stringify(value));
  if (options.flags === true) send({ type: 'feature_flags', data: { supports_preview_metadata: true } });
  await until('the first message', () => messages.length > 0);
  return {
    clientId,
    messages,
    frames,
    about: (promptId) =>
      messages.filter(({ data }) => at(data, 'prompt_id') === promptId).map(({ type }) => type),
    send,
    close: async () => {
      socket.close();
      await closed;
    },
  };
}

/** @throws with `what` when it did not happen within 60 s */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`Never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

export { FormData };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
