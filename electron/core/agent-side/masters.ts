import type { MasterOfAgent } from '../../../shared/agents.ts';
import { createSecret, fingerprint } from '../access/secrets.ts';
import type { Peer } from '../agents/pairing-proof.ts';
import type { SecretStore } from '../agents/secret-store.ts';
import { type Clock, Emitter } from '../ports.ts';

const PREFIX = 'master/';

/** The control centers that this machine works for. Of their tokens only hashes are kept. */
export class Masters {
  readonly #dismissed = new Emitter<string>();
  readonly #changed = new Emitter<void>();
  readonly #connections = new Map<string, number>();

  constructor(
    private readonly secrets: SecretStore,
    private readonly clock: Clock,
  ) {}

  get list(): readonly MasterOfAgent[] {
    return this.secrets.keys
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => {
        const { name = '', since = '0' } = this.secrets.read(key);
        const id = key.slice(PREFIX.length);
        return { id, name, since: Number(since), connected: (this.#connections.get(id) ?? 0) > 0 };
      });
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  /** With its id: whatever it has open must end. */
  onDismissed(listener: (id: string) => void): () => void {
    return this.#dismissed.on(listener);
  }

  /**
   * @returns the token that it shows from now on; one that it had before is worth nothing any more
   * @throws EnsembleError('settings-unwritable')
   */
  async admit({ id, name }: Peer): Promise<string> {
    const token = createSecret();
    await this.secrets.write(PREFIX + id, {
      name,
      since: String(this.clock.now()),
      token: fingerprint(token),
    });
    this.#dismissed.emit(id);
    this.#changed.emit();
    return token;
  }

  /** @returns the id of the master that has this token */
  whose(token: string): string | null {
    const given = fingerprint(token);
    const key = this.secrets.keys.find(
      (each) => each.startsWith(PREFIX) && this.secrets.read(each)['token'] === given,
    );
    return key === undefined ? null : key.slice(PREFIX.length);
  }

  /** @returns false when there is none of that id */
  async dismiss(id: string): Promise<boolean> {
    if (!this.secrets.keys.includes(PREFIX + id)) return false;
    await this.secrets.delete(PREFIX + id);
    this.#dismissed.emit(id);
    this.#changed.emit();
    return true;
  }

  /** Follows one connection; call the result when it ends. */
  connected(id: string): () => void {
    this.#count(id, 1);
    return () => this.#count(id, -1);
  }

  #count(id: string, change: number): void {
    this.#connections.set(id, (this.#connections.get(id) ?? 0) + change);
    this.#changed.emit();
  }
}
