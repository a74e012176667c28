import type { RemotePlace } from './remote.ts';

/** "gpu-box" of "gpu-box.local", "Runpod wcegfo9tbbml9l" of a pod; with the port, or a number, where that is taken. */
export function suggestedName(place: RemotePlace, taken: readonly string[]): string {
  const { host, port, secure } = place;
  const plain = nameOfHost(host);
  const usual = secure ? port === 443 : port === 8188;
  const first = usual ? plain : `${plain}:${port}`;
  const used = new Set(taken.map((name) => name.toLowerCase()));
  const free = [first, ...Array.from({ length: used.size }, (_, index) => `${first} (${index + 2})`)];
  return free.find((name) => !used.has(name.toLowerCase())) ?? first;
}

function nameOfHost(host: string): string {
  const pod = /^([a-z0-9]+)(?:-\d+)?\.proxy\.runpod\.net$/.exec(host)?.[1];
  if (pod !== undefined) return `Runpod ${pod}`;
  if (host.includes(':') || /^[\d.]+$/.test(host)) return host;
  return host.split('.')[0] ?? host;
}
