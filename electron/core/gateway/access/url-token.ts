/** The token in an address, as pages get it. Pure. */

const NAME = 'token';

export interface UrlToken {
  /** The first one; null when there is none. */
  readonly token: string | null;
  /** Path and query without it, every other byte as it was. */
  readonly rest: string;
}

/** @param url as the request line has it */
export function tokenIn(url: string): UrlToken {
  const cut = url.indexOf('?');
  if (cut < 0) return { token: null, rest: url };
  const parts = url.slice(cut + 1).split('&');
  const kept: string[] = [];
  let token: string | null = null;
  for (const part of parts) {
    const [entry] = new URLSearchParams(part);
    if (entry?.[0] === NAME) token ??= entry[1];
    else kept.push(part);
  }
  if (token === null) return { token, rest: url };
  return { token, rest: kept.length === 0 ? url.slice(0, cut) : `${url.slice(0, cut)}?${kept.join('&')}` };
}

/** Where a browser goes on, always on this server: "//name" and "/\name" would be other ones. */
export function onThisServer(url: string): string {
  return url.replace(/^[/\\]*/, '/');
}
