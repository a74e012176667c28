import { EnsembleError } from '../../../shared/errors.ts';
import type { InstanceId } from '../../../shared/model.ts';
import type { Lease, LeaseId } from '../../../shared/providers.ts';
import type { RemoteDraft } from '../../../shared/remote.ts';
import type { ActiveFleet } from '../active-fleet.ts';
import type { RemoteDefinition } from '../fleet/roster.ts';
import type { LeasedWorkers } from './leased-workers.ts';
import type { LeaseAddress } from './provider.ts';

/** Rented workers in the fleet that runs now: cloud workers whose source is their lease. */
export class FleetWorkers implements LeasedWorkers {
  /** @param active null while there is no fleet */
  constructor(private readonly active: () => ActiveFleet | null) {}

  async appear(lease: Lease, address: LeaseAddress): Promise<InstanceId> {
    const active = this.active();
    if (active === null || active.isDemo) {
      throw new EnsembleError(
        'not-ready',
        active === null ? 'The fleet is not there yet.' : 'The demo fleet takes no rented workers.',
        'Set up ComfyUI on this machine first; the lease waits.',
      );
    }
    const known = definitionOf(active, lease.id);
    if (known === null) {
      const source = { kind: 'provider', provider: lease.provider, lease: lease.id } as const;
      return active.remoteEditing.add(draftOf(freeName(active, lease), address), source);
    }
    await active.remoteEditing.update(known.id, draftOf(known.name, address));
    return known.id;
  }

  async retire(lease: LeaseId): Promise<void> {
    const active = this.active();
    const known = active === null ? null : definitionOf(active, lease);
    if (active !== null && known !== null) await active.editing.select(known.id, false);
  }

  async vanish(lease: LeaseId): Promise<void> {
    const active = this.active();
    const known = active === null ? null : definitionOf(active, lease);
    if (active !== null && known !== null) await active.editing.remove(known.id);
  }

  get carded(): readonly LeaseId[] {
    return (this.active()?.fleet.remote ?? []).flatMap(({ definition: { source } }) =>
      source?.kind === 'provider' ? [source.lease] : [],
    );
  }

  isBusy(lease: LeaseId): boolean {
    const active = this.active();
    const known = active === null ? null : definitionOf(active, lease);
    const instance = known === null ? null : active?.fleet.find(known.id);
    return (instance?.monitor.value.queue ?? 0) > 0;
  }
}

function definitionOf({ fleet }: ActiveFleet, lease: LeaseId): RemoteDefinition | null {
  const found = fleet.remote.find(({ definition: { source } }) => isOf(source, lease));
  return found?.definition ?? null;
}

function isOf(source: RemoteDefinition['source'], lease: LeaseId): boolean {
  return source?.kind === 'provider' && source.lease === lease;
}

function freeName({ fleet }: ActiveFleet, { offerName, providerName }: Lease): string {
  const taken = new Set(fleet.roster.map(({ name }) => name));
  const name = `${offerName} (${providerName})`.slice(0, 180);
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name} ${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function draftOf(name: string, { url, headers }: LeaseAddress): RemoteDraft {
  const { protocol, hostname, port, pathname } = new URL(url);
  const secure = protocol === 'https:';
  const list = Object.entries(headers).map(([header, value]) => ({ name: header, value }));
  return {
    ...{ type: 'cloud', name, secure, certificate: null },
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    path: pathname.replace(/\/+$/, ''),
    access: list.length === 0 ? { kind: 'none' } : { kind: 'headers', headers: list },
  };
}
