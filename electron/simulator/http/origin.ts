import type { IncomingHttpHeaders } from 'node:http';

/** 0.3.64 and 0.33.0: on a loopback Host, an Origin of another authority is refused; 0.33.0 also refuses cross-site fetches. */
export function isForbidden(headers: IncomingHttpHeaders, legacy: boolean): boolean {
  if (!legacy && headers['sec-fetch-site'] === 'cross-site') return true;
  const { host, origin } = headers;
  if (host === undefined || origin === undefined) return false;
  const own = authority(host.toLowerCase());
  const asked = authority(/^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(origin)?.[1]?.toLowerCase() ?? '');
  if (!isLoopback(own.name) || own.name === '' || asked.name === '') return false;
  const comparePorts = own.port !== null && asked.port !== null;
  return own.name !== asked.name || (comparePorts && own.port !== asked.port);
}

function authority(text: string): { readonly name: string; readonly port: string | null } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text);
  return { name: match?.[1] ?? text, port: match?.[2] ?? null };
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}
