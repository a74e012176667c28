import { isIPv4, isIPv6 } from 'node:net';

/** Addresses as sockets, headers and people write them, made comparable. Pure. */

const GROUP = 16;

/** "::ffff:10.0.0.5" → "10.0.0.5", "fe80::1%eth0" → "fe80::1"; lower case, brackets and zone taken off. */
export function plainAddress(text: string): string {
  const bare = text
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  // The one spelling that the standard names for it.
  const address = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high = '', low = ''] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address) ?? [];
  if (high === '') return address;
  const groups = [high, low].map((group) => Number.parseInt(group, GROUP));
  return groups.flatMap((group) => [group >> 8, group & 255]).join('.');
}

export function isAddress(text: string): boolean {
  const plain = plainAddress(text);
  return isIPv4(plain) || isIPv6(plain);
}

export function isLoopback(text: string): boolean {
  const plain = plainAddress(text);
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** Whose failures count together: one machine has a whole /64 of IPv6 addresses to itself. */
export function networkOf(text: string): string {
  const plain = plainAddress(text);
  if (!isIPv6(plain)) return plain;
  const [front = '', back = ''] = plain.split('::');
  const leading = front === '' ? [] : front.split(':');
  const trailing = back === '' ? [] : back.split(':');
  const missing = plain.includes('::') ? 8 - leading.length - trailing.length : 0;
  return [...leading, ...Array<string>(missing).fill('0'), ...trailing].slice(0, 4).join(':');
}
