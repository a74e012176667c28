import type { Handler, Routes } from './exchange.ts';

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly handler: Handler;
}
export type Match =
  | {
      readonly kind: 'found';
      readonly handler: Handler;
      readonly parameters: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'other-method' }
  | { readonly kind: 'none' };

/** `prefixed` routes exist bare and under /api; `exact` ones only as written. GET answers HEAD too. */
export class Router {
  readonly #routes: readonly Route[];

  constructor(prefixed: Routes, exact: Routes) {
    const bare = Object.entries(prefixed);
    const underApi = bare.map(([key, handler]) => [key.replace(' /', ' /api/'), handler] as const);
    this.#routes = [...bare, ...underApi, ...Object.entries(exact)].map(([key, handler]) =>
      compile(key, handler),
    );
  }

  match(method: string, path: string): Match {
    const wanted = method === 'HEAD' ? 'GET' : method;
    let seen = false;
    for (const route of this.#routes) {
      const found = route.pattern.exec(path);
      if (found === null) continue;
      seen = true;
      if (route.method !== wanted) continue;
      const parameters = Object.fromEntries(
        route.names.map((name, index) => [name, decode(found[index + 1] ?? '')]),
      );
      return { kind: 'found', handler: route.handler, parameters };
    }
    return { kind: seen ? 'other-method' : 'none' };
  }
}

function compile(key: string, handler: Handler): Route {
  const [method = 'GET', path = '/'] = key.split(' ');
  const names: string[] = [];
  const pattern = path.replace(/\{(\w+)(\*?)\}/g, (_, name: string, rest: string) => {
    names.push(name);
    return rest === '*' ? '(.+)' : '([^/]+)';
  });
  return { method, pattern: new RegExp(`^${pattern}$`), names, handler };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
