import type { AgentSideStatus } from '../../../shared/agents.ts';
import type { Peer } from '../agents/pairing-proof.ts';
import type { SecretStore } from '../agents/secret-store.ts';
import { type Clock, Emitter, type Logger } from '../ports.ts';
import { fingerprintOf, type KeyAndCertificate } from './certificate.ts';
import { openIdentity } from './identity.ts';
import { Masters } from './masters.ts';
import { Pairing } from './pairing.ts';

export interface AgentSideOptions {
  /** Of the identity. */
  readonly folder: string;
  /** Of this control center among machines. */
  readonly id: string;
  readonly name: string;
  /** Of its masters. */
  readonly openSecrets: () => Promise<SecretStore>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ListeningPlace {
  readonly port: number;
  /** "host:port" each. */
  readonly addresses: readonly string[];
}

/** What makes this control center an agent of others: its identity, its masters, and the code that lets a new one in. */
export class AgentSide {
  readonly masters: Masters;
  readonly pairing: Pairing;
  readonly fingerprint: string;
  /** Where it listens; null until it does. */
  #place: ListeningPlace | null = null;
  readonly #listening = new Emitter<void>();

  private constructor(
    readonly options: AgentSideOptions,
    readonly identity: KeyAndCertificate,
    secrets: SecretStore,
  ) {
    const { clock, logger } = options;
    this.fingerprint = fingerprintOf(identity.certificate);
    this.masters = new Masters(secrets, clock);
    this.pairing = new Pairing({
      self: () => this.self,
      fingerprint: this.fingerprint,
      masters: this.masters,
      clock,
      logger,
    });
  }

  static async open(options: AgentSideOptions): Promise<AgentSide> {
    const identity = await openIdentity(options.folder, `Comfy Ensemble agent ${options.id}`);
    return new AgentSide(options, identity, await options.openSecrets());
  }

  get port(): number | null {
    return this.#place?.port ?? null;
  }

  listensAt(place: ListeningPlace): void {
    this.#place = place;
    this.#listening.emit();
  }

  onListening(listener: () => void): () => void {
    return this.#listening.on(listener);
  }

  get self(): Peer {
    return { id: this.options.id, name: this.options.name };
  }

  status(): AgentSideStatus {
    const { id, name } = this.options;
    const { fingerprint, masters } = this;
    return { id, name, addresses: this.#place?.addresses ?? [], fingerprint, masters: masters.list };
  }
}
