import type { IncomingMessage, ServerResponse } from 'node:http';

/** What an API server does in place of its work, request by request. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    }
  /** The work is done, but its answer is lost: what a crash of ours or of the network looks like. */
  | { readonly kind: 'answer-lost' }
  /** The work is done, and its answer never comes. */
  | { readonly kind: 'answer-held' };

interface Planned {
  readonly method: string;
  readonly path: RegExp;
  readonly fault: Fault;
  left: number;
}

export class Faults {
  #planned: Planned[] = [];

  add(method: string, path: RegExp, fault: Fault, times = 1): void {
    this.#planned.push({ method, path, fault, left: times });
  }

  take(method: string, path: string): Fault | null {
    const found = this.#planned.find((one) => one.left > 0 && one.method === method && one.path.test(path));
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  }
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
