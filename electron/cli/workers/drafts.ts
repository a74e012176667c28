import { canonicalHost, parseAddress } from '../../../shared/address.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { LocalDraft } from '../../../shared/instance-commands.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import type { AccessDraft, RemoteDraft, RemotePlace, RemoteType } from '../../../shared/remote.ts';
import { suggestedName } from '../../../shared/worker-names.ts';
import type { WorkerWishes } from './orders.ts';

/** From what was said at the command line to what the control center takes. Pure. */

/** @throws EnsembleError('bad-argument') */
export function remoteDraft(
  address: string | null,
  wishes: WorkerWishes,
  access: AccessDraft,
  instances: readonly InstanceSnapshot[],
): RemoteDraft {
  refuse(wishes, ['gpu', 'args']);
  const { type: wished, host } = wishes;
  if ((address === null) === (host === null)) {
    throw EnsembleError.badArgument(
      'arguments',
      'A worker elsewhere has one address.',
      'Use: ensemble workers add ADDRESS, or ensemble workers add --host HOST --port PORT',
    );
  }
  const usual: RemoteType = wished === 'cloud' ? 'cloud' : 'remote';
  const { type, ...place } = readAddress(address ?? host ?? '', usual);
  const where = placeWith(place, wishes);
  const name =
    wishes.name ??
    suggestedName(
      where,
      instances.map((instance) => instance.name),
    );
  return { ...where, type: remoteType(wished) ?? type, name, certificate: null, access };
}

/** What an edit makes of a worker elsewhere. @throws EnsembleError('bad-argument') */
export function editedRemote(
  instance: InstanceSnapshot,
  wishes: WorkerWishes,
  access: AccessDraft,
): RemoteDraft {
  refuse(wishes, ['gpu', 'args']);
  const { remote, host, port, name } = instance;
  const before: RemotePlace = { host, port, secure: remote?.secure ?? false, path: remote?.path ?? '' };
  const place = placeWith(movedTo(before, wishes.host), wishes);
  const stays = place.host === before.host && place.port === before.port && place.secure;
  return {
    ...place,
    type: remoteType(wishes.type) ?? (instance.type === 'cloud' ? 'cloud' : 'remote'),
    name: wishes.name ?? name,
    certificate: stays ? (remote?.certificate ?? null) : null,
    access,
  };
}

/** A bare host keeps the port and what else there is; an address with more in it says it all. */
function movedTo(before: RemotePlace, text: string | null): RemotePlace {
  if (text === null) return before;
  const { type: _, ...place } = readAddress(text, 'remote');
  return canonicalHost(text) === null ? place : { ...before, host: place.host };
}

/** A worker of this machine, from what is suggested or as it is. @throws EnsembleError('bad-argument') */
export function localDraft(before: LocalDraft, wishes: WorkerWishes): LocalDraft {
  refuse(wishes, ['host', 'secure', 'path', 'access', 'trust']);
  return {
    name: wishes.name ?? before.name,
    port: wishes.port ?? before.port,
    device: wishes.gpu ?? before.device,
    extraArgs: wishes.args ?? before.extraArgs,
  };
}

/** @throws EnsembleError('bad-argument') with what is wrong with it */
export function readAddress(text: string, usual: RemoteType): RemotePlace & { readonly type: RemoteType } {
  const reading = parseAddress(text, usual);
  if (reading.ok) return reading.address;
  throw EnsembleError.badArgument('host', reading.problem);
}

function placeWith(place: RemotePlace, { port, secure, path }: WorkerWishes): RemotePlace {
  const next = { ...place, port: port ?? place.port, secure: secure ?? place.secure };
  if (path === null) return next;
  return { ...next, path: readAddress(`http://host/${path}`, 'remote').path };
}

function remoteType(type: WorkerWishes['type']): RemoteType | null {
  if (type !== 'local') return type;
  throw EnsembleError.badArgument('--type', 'A worker elsewhere cannot become one of this machine.');
}

const OPTION_OF: Readonly<Partial<Record<keyof WorkerWishes, string>>> = {
  gpu: '--gpu',
  args: '--args',
  host: '--host',
  secure: '--https',
  path: '--path',
  access: 'An option for secrets',
  trust: '--trust',
};

function refuse(wishes: WorkerWishes, foreign: readonly (keyof WorkerWishes)[]): void {
  const name = foreign.find((wish) => wishes[wish] !== null);
  if (name === undefined) return;
  const local = name === 'gpu' || name === 'args';
  const kind = local ? 'of this machine (--type local)' : 'elsewhere (--type remote or cloud)';
  throw EnsembleError.badArgument('arguments', `${OPTION_OF[name] ?? name} is for a worker ${kind}.`);
}
