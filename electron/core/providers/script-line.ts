import { z } from 'zod';
import type { LeaseAddress } from './provider.ts';

/** What a provider's program says on one line: a URL, or JSON with more. */

const url = z.url({ protocol: /^https?$/ });
const readySchema = z.object({
  url,
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), z.string().regex(/^[^\r\n\0]*$/))
    .default({}),
  pricePerHour: z.number().min(0).nullable().default(null),
});
const listSchema = readySchema.extend({ key: z.string(), url: url.nullable().default(null) });

export interface ReadyLine {
  readonly address: LeaseAddress;
  /** USD. */
  readonly pricePerHour: number | null;
}

/** @returns null for a line that says something else: programs are chatty */
export function readReadyLine(line: string): ReadyLine | null {
  const text = line.trim();
  const parsed = text.startsWith('{')
    ? readySchema.safeParse(json(text))
    : readySchema.safeParse({ url: text });
  if (!parsed.success) return null;
  const { headers, pricePerHour } = parsed.data;
  return { address: { url: withoutSlash(parsed.data.url), headers }, pricePerHour };
}

export interface ListLine {
  readonly key: string;
  readonly address: LeaseAddress | null;
  readonly pricePerHour: number | null;
}

/** "KEY", "KEY URL" or JSON with key and url. */
export function readListLine(line: string): ListLine | null {
  const text = line.trim();
  const [key, place] = text.split(/\s+/, 2);
  const raw = text.startsWith('{') ? json(text) : { key, url: place ?? null };
  const parsed = listSchema.safeParse(raw);
  if (!parsed.success) return null;
  const { headers, pricePerHour, url: where } = parsed.data;
  const address = where === null ? null : { url: withoutSlash(where), headers };
  return { key: parsed.data.key, address, pricePerHour };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
