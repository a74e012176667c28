import type { GatewayStatus } from '../../shared/contract.ts';

/** The ComfyUI address in words and links. Pure. */

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Chrome calls itself Safari, Edge calls itself Chrome, and all call themselves Mozilla: the first that fits. */
const BROWSERS = [
  [/Edg\/(\d+)/, 'Edge'],
  [/OPR\/(\d+)/, 'Opera'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/Electron\/(\d+)/, 'Comfy Ensemble'],
  [/Chrome\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
] as const;

/** @param agent a User-Agent, e.g. "python-requests/2.32.3" → "python-requests 2.32.3" */
export function programName(agent: string): string {
  if (agent === '') return 'A program without a name';
  for (const [pattern, name] of BROWSERS) {
    const version = pattern.exec(agent)?.[1];
    if (version !== undefined) return name === 'Comfy Ensemble' ? name : `${name} ${version}`;
  }
  const [name = '', version] = agent.split(/[\s(]/, 1)[0]?.split('/') ?? [];
  return version === undefined ? name || agent : `${name} ${version}`;
}

/**
 * Where this browser finds it: one on another machine must not be sent to its own.
 * @param hostname of the page, as location has it
 */
export function addressFrom({ url, open }: GatewayStatus, hostname: string): string | null {
  if (url === null || LOOPBACK.includes(hostname)) return url;
  return open ? `http://${hostname}:${new URL(url).port || 80}` : null;
}

/** How a tunnel names it to the world; null while there is none. */
export function publicAddressOf({ addresses }: Pick<GatewayStatus, 'addresses'>): string | null {
  return addresses.find((address) => address.startsWith('https://')) ?? null;
}

/** Who reaches it. */
export function reachOf(status: Pick<GatewayStatus, 'open' | 'addresses'>): string {
  if (publicAddressOf(status) !== null) return 'On the internet by a tunnel';
  return status.open ? 'Open to the network' : 'This machine only';
}

/** @returns the names, or the sentence that says what is expected */
export function readNames(
  text: string,
  pattern: RegExp,
  most: number,
): { readonly names: readonly string[]; readonly problem: string | null } {
  const names = [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))];
  const wrong = names.find((name) => !pattern.test(name));
  if (wrong !== undefined) {
    return { names, problem: `“${wrong}” is no name: enter names like gpu.example.com, without http://.` };
  }
  return { names, problem: names.length > most ? `Enter at most ${most} names.` : null };
}

export function countOf(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}
