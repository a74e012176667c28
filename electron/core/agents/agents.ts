import { X509Certificate } from 'node:crypto';
import { urlOf } from '../../../shared/address.ts';
import type { AgentSettings, AgentStatus } from '../../../shared/agents.ts';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { GpuSample, InstanceId } from '../../../shared/model.ts';
import type { WorkerSource } from '../../../shared/remote.ts';
import type { Keeper } from '../fleet/keeper.ts';
import { type Clock, Emitter, type Logger, sleep } from '../ports.ts';
import type { Connect } from './agent-connection.ts';
import { AgentKeeper } from './agent-keeper.ts';
import { AgentLink } from './agent-link.ts';
import { draftOf, newWorkers, type WorkerBook, workersOf } from './agent-workers.ts';
import type { AgentPlace, Paired } from './pair-with.ts';
import type { Peer } from './pairing-proof.ts';
import type { SecretStore } from './secret-store.ts';

/** How long pairing waits for the machine's workers, and letting go for its answer, ms. */
const WAIT_MS = 10_000;

export interface AgentsDeps {
  readonly self: Peer;
  readonly settings: () => readonly AgentSettings[];
  readonly save: (change: (agents: readonly AgentSettings[]) => readonly AgentSettings[]) => Promise<void>;
  readonly secrets: SecretStore;
  readonly pair: (place: AgentPlace, code: string, self: Peer) => Promise<Paired>;
  readonly connect: Connect;
  /** null while no fleet is open. */
  readonly book: () => WorkerBook | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The paired machines of this control center, and the workers that their instances are here. */
export class Agents {
  readonly #deps: AgentsDeps;
  readonly #links = new Map<string, AgentLink>();
  readonly #changed = new Emitter<void>();
  /** Agents whose instances the fleet that is open has never had. */
  readonly #unmet = new Set<string>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: AgentsDeps) {
    this.#deps = deps;
  }

  /** Once, before the first fleet is opened. */
  open(): void {
    for (const agent of this.#deps.settings()) this.#link(agent);
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  get list(): readonly AgentStatus[] {
    const workers = this.#deps.book()?.workers ?? [];
    return [...this.#links.values()].map(({ agent, state, gpus }) => ({
      ...{ id: agent.id, name: agent.name, host: agent.host, port: agent.port },
      fingerprint: new X509Certificate(agent.certificate).fingerprint256,
      link: state,
      gpus: gpus.map(({ name }) => name),
      workers: workersOf(agent.id, workers).map(({ worker }) => worker.id),
    }));
  }

  /** Of all that can be reached. */
  get samples(): readonly GpuSample[] {
    return [...this.#links.values()].flatMap((link) => link.samples);
  }

  keeperOf(source: WorkerSource | null): Keeper | null {
    if (source?.kind !== 'agent') return null;
    const link = this.#links.get(source.agent);
    return link === undefined ? null : new AgentKeeper(link, source.instance, this.#deps.clock);
  }

  /** A fleet has been opened: the machines that it has no worker of become workers of it, but for a demo. */
  onFleet(): void {
    const book = this.#deps.book();
    this.#unmet.clear();
    for (const { id } of this.#links.values()) {
      const none = book !== null && workersOf(id, book.workers).length === 0;
      if (none && !book.isDemo) this.#unmet.add(id);
    }
    for (const link of this.#links.values()) this.#adoptSoon(link);
    this.#changed.emit();
  }

  /** @throws EnsembleError that says who or what is there instead, or that the code is wrong */
  async pair(
    place: AgentPlace,
    code: string,
  ): Promise<{ readonly link: AgentLink; readonly workers: readonly InstanceId[] }> {
    const { self, secrets, save } = this.#deps;
    const { agent, certificate, token } = await this.#deps.pair(place, code, self);
    const before = this.#deps.settings().find(({ id }) => id === agent.id);
    const paired: AgentSettings = { known: before?.known ?? [], ...agent, ...place, certificate };
    // First, so that a crash in between leaves a secret too many, not a machine without its key.
    await secrets.write(keyOf(agent.id), { token });
    await save((agents) => [...agents.filter(({ id }) => id !== agent.id), paired]);
    const link = this.#link(paired);
    this.#unmet.add(agent.id);
    await this.#online(link);
    await this.#exclusive(() => this.#refresh(link));
    await this.#exclusive(() => this.#adopt(link));
    return { link, workers: this.list.find(({ id }) => id === agent.id)?.workers ?? [] };
  }

  /**
   * Also where the machine cannot be reached; it then still lets our token in, which nobody has any more.
   * @throws EnsembleError('not-found' | 'settings-unwritable')
   */
  async unpair(id: string): Promise<void> {
    const link = this.#links.get(id);
    if (link === undefined) {
      throw new EnsembleError(
        'not-found',
        `There is no paired machine “${id}”.`,
        'See: ensemble agents list',
      );
    }
    await Promise.race([link.connection.end(), sleep(this.#deps.clock, WAIT_MS)]).catch((error: unknown) => {
      this.#deps.logger.info('an agent could not be told that it is let go of', { reason: messageOf(error) });
    });
    await this.#exclusive(async () => {
      const book = this.#deps.book();
      for (const { worker } of workersOf(id, book?.workers ?? [])) await book?.remove(worker.id);
      await this.#deps.save((agents) => agents.filter((agent) => agent.id !== id));
      await this.#deps.secrets.delete(keyOf(id));
      this.#links.delete(id);
      link.close();
    });
    this.#changed.emit();
  }

  #link(agent: AgentSettings): AgentLink {
    const { connect, clock, logger } = this.#deps;
    const connection = connect({
      url: urlOf({ ...agent, secure: true, path: '' }),
      headers: { authorization: `Bearer ${this.#tokenOf(agent.id)}` },
      certificate: agent.certificate,
    });
    const known = this.#links.get(agent.id);
    if (known !== undefined) {
      known.reconnect(agent, connection);
      return known;
    }
    const link = new AgentLink(agent, connection, { clock, logger });
    this.#links.set(agent.id, link);
    link.onChange(() => {
      this.#adoptSoon(link);
      this.#changed.emit();
    });
    return link;
  }

  #tokenOf(id: string): string {
    return this.#deps.secrets.read(keyOf(id))['token'] ?? '';
  }

  /** Resolves with its first snapshot, or when that takes too long: its workers then come by themselves. */
  #online(link: AgentLink): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        unsubscribe();
        cancel();
        resolve();
      };
      const isHere = (): boolean => link.unreachable === null && link.instances.length > 0;
      const unsubscribe = link.onChange(() => isHere() && done());
      const cancel = this.#deps.clock.after(WAIT_MS, done);
      if (isHere()) done();
    });
  }

  #adoptSoon(link: AgentLink): void {
    void this.#exclusive(() => this.#adopt(link)).catch((error: unknown) => {
      this.#deps.logger.warn('the workers of an agent could not be added', { reason: messageOf(error) });
    });
  }

  async #adopt(link: AgentLink): Promise<void> {
    const book = this.#deps.book();
    if (book === null || this.#links.get(link.id) !== link || link.instances.length === 0) return;
    const everything = this.#unmet.delete(link.id);
    const { agent } = link;
    const known = this.#deps.settings().find(({ id }) => id === agent.id)?.known ?? [];
    const token = this.#tokenOf(agent.id);
    const added = newWorkers({ ...agent, known }, token, link.instances, book, everything);
    for (const { instance, draft } of added) {
      await book.add(draft, { kind: 'agent', agent: agent.id, instance });
    }
    const all = [...new Set([...known, ...link.instances.map(({ id }) => id)])];
    if (all.length === known.length) return;
    await this.#deps.save((agents) =>
      agents.map((each) => (each.id === agent.id ? { ...each, known: all } : each)),
    );
    this.#changed.emit();
  }

  /** After a new pairing: the workers that are there get its address and token. */
  async #refresh({ agent }: AgentLink): Promise<void> {
    const book = this.#deps.book();
    const token = this.#tokenOf(agent.id);
    for (const { worker, instance } of workersOf(agent.id, book?.workers ?? [])) {
      await book?.update(worker.id, draftOf(agent, token, instance, worker.name));
    }
  }

  /** Two changes of a link in a row must not add one worker twice. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }
}

function keyOf(id: string): string {
  return `agent/${id}`;
}
