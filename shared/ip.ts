/** IP addresses as text. Pure. */

const GROUPS = 8;

export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  );
}

/** The one spelling of an IPv6 address (RFC 5952): "0:0:0:0:0:0:0:1" → "::1". Null when it is none, or has a zone ("%eth0"). */
export function canonicalIpv6(text: string): string | null {
  const groups = groupsOf(text.toLowerCase());
  if (groups === null) return null;
  const zeros = longestZeros(groups);
  const words = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  if (zeros.length < 2) return words(groups);
  return `${words(groups.slice(0, zeros.start))}::${words(groups.slice(zeros.start + zeros.length))}`;
}

/** Eight numbers from 0 to 0xffff. */
function groupsOf(text: string): readonly number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half, index) => numbersOf(half, index === halves.length - 1));
  if (head === null || tail === null) return null;
  const missing = GROUPS - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : null;
  return missing < 1 ? null : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** @param last only the end of an address may be written as IPv4 */
function numbersOf(half: string, last: boolean): readonly number[] | null {
  if (half === '') return [];
  const numbers: number[] = [];
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && isIpv4(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
      numbers.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/.test(part)) numbers.push(Number.parseInt(part, 16));
    else return null;
  }
  return numbers;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
