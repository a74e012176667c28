import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As it was asked for, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** What stands for each `*` of the route, decoded. */
  readonly parts: readonly string[];
}

export type Handler = (call: Call) => Promise<void> | void;
/** "GET /history/*" → its handler. */
export type Routes = Readonly<Record<string, Handler>>;

interface Route {
  readonly method: string;
  readonly parts: readonly string[];
  readonly handler: Handler;
}

/** Finds who answers a request. Routes of ours are few: all of them are looked at. */
export class Router {
  readonly #routes: readonly Route[];

  constructor(routes: Routes) {
    this.#routes = Object.entries(routes).map(([key, handler]) => {
      const [method = '', path = ''] = key.split(' ');
      return { method, parts: path.split('/'), handler };
    });
  }

  /**
   * @param asked the decoded parts of the path
   * @returns null when it is nobody's: the master answers it then
   */
  find(
    method: string,
    asked: readonly string[],
  ): { readonly handler: Handler; readonly parts: readonly string[] } | null {
    const wanted = method === 'HEAD' ? 'GET' : method;
    for (const route of this.#routes) {
      if (route.method !== wanted || route.parts.length !== asked.length) continue;
      const parts = matched(route.parts, asked);
      if (parts !== null) return { handler: route.handler, parts };
    }
    return null;
  }
}

function matched(route: readonly string[], asked: readonly string[]): readonly string[] | null {
  const parts: string[] = [];
  for (const [index, part] of route.entries()) {
    const given = asked[index] ?? '';
    if (part === '*' && given !== '') parts.push(given);
    else if (part !== given) return null;
  }
  return parts;
}

/** Parts of a path, decoded: ComfyUI finds its routes by these, however they were written. */
export function partsOf(pathname: string): readonly string[] {
  return pathname.split('/').map(decoded);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
