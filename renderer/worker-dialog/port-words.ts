import { placeName, urlOf } from '../../shared/address.ts';
import type { PluginPlace, ScannedPort } from '../../shared/discovery.ts';
import type { RemoteDraft, RemotePlace } from '../../shared/remote.ts';
import { suggestedName } from '../../shared/worker-names.ts';
import { formatBytes } from '../store/format.ts';

/** The other servers of a machine, port by port. Pure. */

/** Can become a worker. */
export function isFree({ status, known }: ScannedPort): boolean {
  return status === 'comfyui' && !known;
}

/** "ComfyUI 0.33.0, NVIDIA GeForce RTX 3090, 24 GB", or why it is none. */
export function portWords({ status, version, gpu, vramTotal, known, reason }: ScannedPort): string {
  if (status === 'closed') return sentence(reason ?? 'nothing answers');
  if (status === 'other') return `No ComfyUI. ${reason === null ? '' : sentence(reason)}`.trim();
  if (known) return 'In the fleet already.';
  const facts = [
    version === null ? 'ComfyUI' : `ComfyUI ${version}`,
    gpu,
    vramTotal === null ? null : formatBytes(vramTotal),
  ];
  return facts.filter((fact) => fact !== null).join(', ');
}

/** Reasons come from programs: without capital and full stop. */
function sentence(text: string): string {
  const whole = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** A server that may become a worker beside the one of the form. */
export interface Candidate {
  readonly key: string;
  /** How it is told from the others. */
  readonly label: string;
  readonly words: string;
  /** Can become a worker. */
  readonly free: boolean;
  readonly place: RemotePlace;
  /** null = after its place. */
  readonly name: string | null;
}

export function candidatesOfPorts(host: string, ports: readonly ScannedPort[]): readonly Candidate[] {
  return ports.map((one) => ({
    ...at({ host, port: one.port, secure: false, path: '' }),
    label: String(one.port),
    words: portWords(one),
    free: isFree(one),
    name: null,
  }));
}

/** Workers that the ComfyUI-Distributed plugin there knows. */
export function candidatesOfPlugin(places: readonly PluginPlace[]): readonly Candidate[] {
  return places.map(({ name, known, ...place }) => ({
    ...at(place),
    label: placeName(place) + place.path,
    words: known ? 'In the fleet already.' : name,
    free: !known,
    name,
  }));
}

function at(place: RemotePlace): Pick<Candidate, 'key' | 'place'> {
  return { key: urlOf(place), place };
}

/**
 * One worker per candidate, beside the one of the draft.
 * @param taken names of the fleet
 */
export function draftsOf(
  draft: RemoteDraft,
  candidates: readonly Candidate[],
  taken: readonly string[],
): readonly RemoteDraft[] {
  const names = [...taken, draft.name];
  return candidates.map(({ place, name: own }) => {
    const name = own ?? suggestedName(place, names);
    names.push(name);
    const { host, port, secure, path } = place;
    const type = secure ? 'cloud' : 'remote';
    return { ...draft, type, name, host, port, secure, path };
  });
}

/** Only the bare ports of a machine can be asked: what is behind a proxy or a password is one server. */
export function canHaveMore({ secure, path, access }: RemoteDraft): boolean {
  return !secure && path === '' && access.kind === 'none';
}
