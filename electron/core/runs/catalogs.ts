import { setMaxListeners } from 'node:events';
import { messageOf } from '../../../shared/errors.ts';
import type { InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import { type NodeCatalog, readCatalog } from '../graph/catalog.ts';
import type { Logger } from '../ports.ts';
import type { RunFleet } from './run-fleet.ts';

interface Known {
  /** One life of one server: it may come back with other nodes and models. */
  readonly life: string;
  catalog: NodeCatalog | null;
  loading: Promise<NodeCatalog | null>;
}

/** What each server's /object_info says, asked once per life of the server. */
export class Catalogs {
  readonly #known = new Map<InstanceId, Known>();
  readonly #closed = new AbortController();

  constructor(
    private readonly fleet: RunFleet,
    private readonly logger: Logger,
    /** A catalog came: what was unknown can be decided now. */
    private readonly onLoaded: (id: InstanceId) => void,
  ) {
    // One listener per server that is being asked, whatever their number.
    setMaxListeners(0, this.#closed.signal);
  }

  /** @returns null while it is not known; asks for it then */
  get(instance: InstanceSnapshot): NodeCatalog | null {
    const life = lifeOf(instance);
    if (life === null) return null;
    const known = this.#known.get(instance.id);
    if (known?.life === life) return known.catalog;
    void this.load(instance);
    return null;
  }

  /** As of the last `get`: within one round of the engine nothing changes. */
  last(id: InstanceId): NodeCatalog | null {
    return this.#known.get(id)?.catalog ?? null;
  }

  /** @returns null when the server cannot be asked */
  load(instance: InstanceSnapshot): Promise<NodeCatalog | null> {
    const life = lifeOf(instance);
    if (life === null) return Promise.resolve(null);
    const known = this.#known.get(instance.id);
    if (known?.life === life) return known.loading;
    const fresh: Known = { life, catalog: null, loading: Promise.resolve(null) };
    this.#known.set(instance.id, fresh);
    fresh.loading = this.#fetch(instance.id, fresh);
    return fresh.loading;
  }

  /** Its models changed: a list that it refused a value of was old. */
  forget(id: InstanceId): void {
    this.#known.delete(id);
  }

  close(): void {
    this.#closed.abort(new Error('closed'));
  }

  async #fetch(id: InstanceId, entry: Known): Promise<NodeCatalog | null> {
    try {
      const server = this.fleet.server(id);
      if (server === null) return null;
      entry.catalog = readCatalog(await server.http.objectInfoAll(this.#closed.signal));
      this.onLoaded(id);
      return entry.catalog;
    } catch (error) {
      if (this.#known.get(id) === entry) this.#known.delete(id);
      this.logger.warn('node definitions could not be read', { instance: id, reason: messageOf(error) });
      return null;
    }
  }
}

function lifeOf({ link, process, url }: InstanceSnapshot): string | null {
  if (link.status !== 'up') return null;
  const generation = process.status === 'ready' ? process.generation : 0;
  return `${url} ${generation} ${link.since}`;
}
