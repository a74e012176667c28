import { canonicalHost, isLoopback, placeName, urlOf } from '../../../shared/address.ts';
import { EnsembleError, type FieldProblem } from '../../../shared/errors.ts';
import type { InstanceId } from '../../../shared/model.ts';
import type {
  RemoteCheck,
  RemoteDraft,
  RemotePlace,
  RemoteWorkerSettings,
  WorkerSource,
} from '../../../shared/remote.ts';
import type { Settings } from '../../../shared/settings.ts';
import type { ServerAddress } from '../comfy/server-address.ts';
import { accessProblems, headersOf } from './access.ts';
import type { Fleet } from './fleet.ts';
import { isLocal, nameProblems, newWorkerId } from './roster.ts';

export interface OwnPlaces {
  /** Names and addresses of this machine, without brackets. */
  readonly hosts: () => readonly string[];
  /** port → whose it is, in words: our own pages, which are no workers. */
  readonly ports: () => ReadonlyMap<number, string>;
}

/** Adding and changing workers on other machines; removing is the same for all. */
export class RemoteEditing {
  constructor(
    private readonly fleet: Fleet,
    private readonly own: OwnPlaces,
  ) {}

  check(id: InstanceId | null, draft: RemoteDraft): RemoteCheck {
    const others = this.fleet.roster.filter((definition) => definition.id !== id);
    const problems = [
      ...nameProblems(draft.name, others),
      ...this.#placeProblems(id, draft),
      ...pathProblems(draft.path),
      ...certificateProblems(draft),
      ...accessProblems(draft.access),
      ...this.#keptProblems(id, draft),
    ];
    const host = canonicalHost(draft.host);
    return { problems, url: host === null ? null : urlOf({ ...draft, host }) };
  }

  /** @param source null when a person adds it */
  async add(draft: RemoteDraft, source: WorkerSource | null = null): Promise<InstanceId> {
    const sound = this.#sound(null, draft);
    const { secrets, store } = this.fleet.deps;
    const id = newWorkerId(store.value);
    // First, so that a crash in between leaves a secret too many, not a worker without its key.
    await this.#writeAccess(id, draft);
    const worker: RemoteWorkerSettings = { ...placeOf(sound), id, selected: true, source };
    try {
      await this.#change((settings) => ({ ...settings, workers: [...settings.workers, worker] }));
    } catch (error) {
      await secrets.delete(id).catch(() => undefined);
      throw error;
    }
    return id;
  }

  async update(id: InstanceId, draft: RemoteDraft): Promise<void> {
    this.#known(id);
    const sound = this.#sound(id, draft);
    await this.#writeAccess(id, draft);
    await this.#change((settings) => ({
      ...settings,
      workers: settings.workers.map((worker) =>
        worker.id === id && worker.type !== 'local' ? { ...worker, ...placeOf(sound) } : worker,
      ),
    }));
  }

  /** How a draft would be reached; `keep` keeps what is stored for `id`. */
  addressOf(id: InstanceId | null, draft: RemoteDraft): ServerAddress {
    const stored = id === null ? {} : this.fleet.deps.secrets.read(id);
    return {
      url: urlOf(draft),
      headers: headersOf(draft.access, stored),
      certificate: draft.certificate,
    };
  }

  /**
   * A draft that can be tried: it needs no name yet.
   * @throws EnsembleError('bad-argument') with every problem beside its field
   */
  tried(id: InstanceId | null, draft: RemoteDraft): RemoteDraft {
    const problems = this.check(id, draft).problems.filter(({ field }) => field !== 'name');
    if (problems.length > 0) throw refused(problems);
    return { ...draft, host: canonicalHost(draft.host) ?? draft.host };
  }

  #sound(id: InstanceId | null, draft: RemoteDraft): RemoteDraft {
    const { problems } = this.check(id, draft);
    if (problems.length > 0) throw refused(problems);
    return { ...draft, name: draft.name.trim(), host: canonicalHost(draft.host) ?? draft.host };
  }

  async #writeAccess(id: InstanceId, { access }: RemoteDraft): Promise<void> {
    if (access.kind === 'keep') return;
    const { secrets } = this.fleet.deps;
    const headers = headersOf(access, {});
    if (Object.keys(headers).length === 0) await secrets.delete(id);
    else await secrets.write(id, headers);
  }

  #known(id: InstanceId): void {
    const { definition } = this.fleet.get(id);
    if (!isLocal(definition)) return;
    throw new EnsembleError(
      'conflict',
      `${definition.name} is a worker of this machine.`,
      'Use “worker.update”.',
    );
  }

  /** A slip in the address must not hand to somebody else what opens the old one. */
  #keptProblems(id: InstanceId | null, { access, host }: RemoteDraft): readonly FieldProblem[] {
    if (access.kind !== 'keep' || id === null) return [];
    const definition = this.fleet.find(id)?.definition;
    if (definition === undefined || isLocal(definition) || definition.host === canonicalHost(host)) return [];
    if (Object.keys(this.fleet.deps.secrets.read(id)).length === 0) return [];
    const message = `What is stored opens ${definition.host}: enter what opens the new address.`;
    return [{ field: 'access', message }];
  }

  #placeProblems(id: InstanceId | null, draft: RemoteDraft): readonly FieldProblem[] {
    const host = canonicalHost(draft.host);
    if (draft.host.trim() === '') return [{ field: 'host', message: 'Enter a host or an address.' }];
    if (host === null) {
      return [{ field: 'host', message: `“${draft.host.slice(0, 80)}” is not a name or an address.` }];
    }
    const place = { ...draft, host };
    const twin = this.fleet.roster.find(
      (other) => other.id !== id && !isLocal(other) && isSamePlace(other, place),
    );
    if (twin !== undefined) {
      return [{ field: 'host', message: `${placeName(place)} is ${twin.name} already.` }];
    }
    const own = this.#ownProblem(place);
    return own === null ? [] : [{ field: 'port', message: own }];
  }

  /** Through a path in front there may be anything; at the bare port it is what we know it to be. */
  #ownProblem({ host, port, path }: RemotePlace): string | null {
    if (path !== '' || !(isLoopback(host) || this.own.hosts().includes(host))) return null;
    const local = this.fleet.roster.filter(isLocal).find((definition) => definition.port === port);
    if (local !== undefined) return `Port ${port} of this machine is ${local.name}, a local one.`;
    const page = this.own.ports().get(port);
    return page === undefined ? null : `Port ${port} of this machine is ${page}, not a worker.`;
  }

  async #change(change: (settings: Settings) => Settings): Promise<void> {
    await this.fleet.deps.store.update(change);
    this.fleet.syncRoster();
  }
}

function placeOf({ type, name, host, port, secure, path, certificate }: RemoteDraft) {
  return { type, name, host, port, secure, path, certificate };
}

function isSamePlace(a: RemotePlace, b: RemotePlace): boolean {
  return a.host === b.host && a.port === b.port && a.path === b.path;
}

function pathProblems(path: string): readonly FieldProblem[] {
  if (path === '' || /^(?:\/[^/\s?#\\]+)+$/.test(path)) return [];
  return [{ field: 'path', message: 'A path begins with “/” and ends without one, e.g. /comfy.' }];
}

function certificateProblems({ certificate, secure }: RemoteDraft): readonly FieldProblem[] {
  if (certificate === null) return [];
  if (!secure) return [{ field: 'certificate', message: 'A certificate is of use with https only.' }];
  const sound = /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/.test(
    certificate,
  );
  return sound ? [] : [{ field: 'certificate', message: 'That is not one certificate in PEM form.' }];
}

function refused(problems: readonly FieldProblem[]): EnsembleError {
  const message = problems.map((problem) => problem.message).join(' ');
  return new EnsembleError('bad-argument', message, 'Change the fields named and save again.', problems);
}
