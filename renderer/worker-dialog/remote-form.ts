import { canonicalHost, parseAddress, urlOf } from '../../shared/address.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import type { RemotePlace, RemoteType } from '../../shared/remote.ts';
import { suggestedName } from '../../shared/worker-names.ts';
import { type AccessForm, NO_ACCESS } from './access-form.ts';

/** The form of a remote or cloud worker, and what typing into it means. Pure. */

export interface RemoteForm {
  readonly type: RemoteType;
  /** As it was pasted; follows when the parts are edited. */
  readonly address: string;
  readonly name: string;
  /** The name was typed by the person: suggestions leave it alone. */
  readonly named: boolean;
  readonly host: string;
  /** As typed. */
  readonly port: string;
  readonly secure: boolean;
  readonly path: string;
  readonly certificate: string | null;
  readonly access: AccessForm;
}

const USUAL = {
  remote: { port: '8188', secure: false },
  cloud: { port: '443', secure: true },
} as const satisfies Readonly<Record<RemoteType, Partial<RemoteForm>>>;

export function emptyRemoteForm(type: RemoteType): RemoteForm {
  return {
    type,
    address: '',
    name: '',
    named: false,
    host: '',
    ...USUAL[type],
    path: '',
    certificate: null,
    access: NO_ACCESS,
  };
}

/** @param instance a remote or cloud worker */
export function remoteFormOf(instance: InstanceSnapshot): RemoteForm {
  const { host, port, remote } = instance;
  const place = { host, port, secure: remote?.secure ?? false, path: remote?.path ?? '' };
  return {
    type: instance.type === 'cloud' ? 'cloud' : 'remote',
    address: urlOf(place),
    name: instance.name,
    named: true,
    ...place,
    port: String(port),
    certificate: remote?.certificate ?? null,
    access: { ...NO_ACCESS, kind: remote?.access == null ? 'none' : 'keep' },
  };
}

/** @param taken names of the other instances */
export function withAddress(form: RemoteForm, address: string, taken: readonly string[]): RemoteForm {
  const reading = parseAddress(address, form.type);
  if (!reading.ok) return { ...form, address };
  const { host, port, secure, path } = reading.address;
  const next = { ...form, address, host, port: String(port), secure, path };
  return renamed({ ...next, certificate: isSameServer(form, next) ? form.certificate : null }, taken);
}

/** Another server than before has another certificate. */
function isSameServer(before: RemoteForm, after: RemoteForm): boolean {
  return before.host === after.host && before.port === after.port && after.secure;
}

/** One that was found in the network: its name is what it calls itself. */
export function withFound(
  form: RemoteForm,
  found: RemotePlace & { readonly name: string },
  taken: readonly string[],
): RemoteForm {
  return { ...withAddress(form, urlOf(found), taken), name: found.name, named: true };
}

/** Changes parts by hand; a whole URL in the host's field is an address. */
export function withPlace(
  form: RemoteForm,
  change: Partial<Pick<RemoteForm, 'host' | 'port' | 'secure' | 'path'>>,
  taken: readonly string[],
): RemoteForm {
  if (change.host?.includes('://')) return withAddress(form, change.host, taken);
  const next = { ...form, ...change };
  const place = placeOf(next);
  const certificate = isSameServer(form, next) ? form.certificate : null;
  return renamed({ ...next, certificate, address: place === null ? form.address : urlOf(place) }, taken);
}

/** As another tab is chosen: what was not said before means something else now. */
export function withType(form: RemoteForm, type: RemoteType, taken: readonly string[]): RemoteForm {
  const next = { ...form, type };
  return form.address.trim() === '' && form.host === ''
    ? { ...next, ...USUAL[type] }
    : withAddress(next, form.address, taken);
}

/** Where such an address usually lives, if that is not the form's own type; null also while there is no address. */
export function otherType(form: RemoteForm): RemoteType | null {
  const reading = parseAddress(form.address, form.type);
  return reading.ok && reading.address.type !== form.type ? reading.address.type : null;
}

/** Null while it is none. */
export function placeOf(form: Pick<RemoteForm, 'host' | 'port' | 'secure' | 'path'>): RemotePlace | null {
  const host = canonicalHost(form.host.trim());
  const port = portOf(form.port);
  const path = pathOf(form.path);
  return host === null || port === null || path === null ? null : { host, port, secure: form.secure, path };
}

export function portOf(text: string): number | null {
  const port = Number(text.trim());
  return /^\s*\d{1,5}\s*$/.test(text) && port >= 1 && port <= 65_535 ? port : null;
}

/** "comfy/" → "/comfy"; null when it is no path. */
export function pathOf(text: string): string | null {
  const reading = parseAddress(`http://host/${text.trim()}`);
  return reading.ok ? reading.address.path : null;
}

function renamed(form: RemoteForm, taken: readonly string[]): RemoteForm {
  const place = placeOf(form);
  return form.named || place === null ? form : { ...form, name: suggestedName(place, taken) };
}
