import { isIPv4 } from 'node:net';
import type { FoundKind, FoundPlace } from '../../../shared/discovery.ts';
import { isLoopback, plainAddress } from '../gateway/access/addresses.ts';
import type { Announced, SeenService } from './responder.ts';

/** What is said in the network about who is there: ours put into words, and that of strangers cleaned. Pure. */

/** More than any network has; a flood of names must not fill a page. */
export const MOST_FOUND = 100;
const MOST_NAME = 60;
const ROLES: readonly FoundKind[] = ['agent', 'control-center', 'gateway'];
const ID = /^[A-Za-z0-9-]{8,64}$/;
const VERSION = /^[\w.+-]{1,40}$/;
const FINGERPRINT_PREFIX = 23;

export interface OwnService {
  readonly role: Exclude<FoundKind, 'comfyui'>;
  readonly port: number;
  /** Of the certificate that is shown there. */
  readonly fingerprint: string | null;
}

export interface Own {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/** A prefix of the fingerprint is enough for a person to compare; the pairing proves the whole. */
export function announcementOf({ id, name, version }: Own, service: OwnService): Announced {
  const { role, port, fingerprint } = service;
  const shown = fingerprint === null ? {} : { fp: fingerprint.slice(0, FINGERPRINT_PREFIX) };
  return {
    // Several machines may be called alike, and one machine may be several things.
    name: `${cleaned(name)} ${role} ${id.slice(0, 8)}`,
    port,
    txt: { v: version, id, name: cleaned(name), role, ...shown },
  };
}

export interface KnownPlaces {
  /** Of this control center. */
  readonly ownId: string;
  readonly agents: readonly string[];
  /** "host:port" of workers. */
  readonly workers: ReadonlySet<string>;
}

/** One entry per machine and kind, without ourselves, in a steady order. */
export function foundPlaces(services: readonly SeenService[], known: KnownPlaces): readonly FoundPlace[] {
  const places = new Map<string, FoundPlace>();
  for (const service of services) {
    const place = placeOf(service, known);
    if (place === null || places.size >= MOST_FOUND) continue;
    const key = `${place.kind} ${place.id}`;
    // The first to say so keeps its place: a later one may pretend.
    if (!places.has(key)) places.set(key, place);
  }
  return [...places.values()].sort(
    (left, right) => left.name.localeCompare(right.name) || left.id.localeCompare(right.id),
  );
}

function placeOf(
  { type, name, port, addresses, from, txt }: SeenService,
  known: KnownPlaces,
): FoundPlace | null {
  const host = hostOf(addresses, from);
  if (host === null || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
  const place = `${host}:${port}`;
  if (type === 'comfyui') {
    const shown = cleaned(textIn(txt, 'name') ?? name) || place;
    return {
      id: place,
      kind: 'comfyui',
      name: shown,
      host,
      port,
      version: null,
      known: known.workers.has(place),
    };
  }
  const role = ROLES.find((one) => one === txt['role']);
  const id = textIn(txt, 'id');
  if (role === undefined || id === null || !ID.test(id) || id === known.ownId) return null;
  const version = textIn(txt, 'v');
  return {
    ...{ id, kind: role, host, port },
    name: cleaned(textIn(txt, 'name') ?? '') || place,
    version: version !== null && VERSION.test(version) ? version : null,
    known: role === 'agent' ? known.agents.includes(id) : known.workers.has(place),
  };
}

/** The sender's own address where it names that one; others may be of networks that we are not in. */
function hostOf(addresses: readonly string[], from: string | null): string | null {
  const near = addresses.map(plainAddress).filter(isNear);
  const sender = from === null ? null : plainAddress(from);
  if (sender !== null && isNear(sender) && (near.length === 0 || near.includes(sender))) return sender;
  return near[0] ?? null;
}

/** Of this machine or a private network: whatever is announced, nobody is led out into the internet. */
export function isNear(address: string): boolean {
  if (isLoopback(address)) return true;
  if (!isIPv4(address)) return false;
  const [a = 0, b = 0] = address.split('.').map(Number);
  return a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254);
}

function textIn(txt: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = Object.hasOwn(txt, key) ? txt[key] : null;
  return typeof value === 'string' && value.length <= 1_000 ? value : null;
}

/** One line without control characters or marks that turn text around. */
function cleaned(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, MOST_NAME);
}
