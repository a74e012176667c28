import { messageOf } from '../../shared/errors.ts';
import type { Clock, Logger } from '../core/ports.ts';
import type { QuitChoice } from './quit-decision.ts';

/** Stopping escalates within a few seconds per server; what takes longer than this is left to the guardian. */
const MOST_MS = 30_000;

export interface ShutdownDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asks a person where work would be lost; null = the setting decides. */
  readonly ask: () => Promise<QuitChoice | null>;
  /** Ends or leaves the servers (null = as set) and everything else that holds the process. */
  readonly close: (endServers: boolean | null) => Promise<void>;
  /** Ends this process at once. */
  readonly exit: (code: number) => void;
}

/** Holds the quit until the servers are stopped, however it was asked for: menu, tray, window, signal, logout. */
export class Shutdown {
  readonly #deps: ShutdownDeps;
  #state: 'open' | 'asking' | 'closing' = 'open';

  constructor(deps: ShutdownDeps) {
    this.#deps = deps;
  }

  /** True from the moment that it is decided: windows may close for good. */
  get isClosing(): boolean {
    return this.#state === 'closing';
  }

  /** A person's wish: may be asked back, and may be taken back. */
  async request(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'asking';
    const choice = await this.#deps.ask().catch(() => null);
    // A signal may have come while the question stood.
    if (this.#state !== 'asking') return;
    this.#state = 'open';
    if (choice === 'cancel') return;
    await this.#close(choice === null ? null : choice === 'end');
  }

  /** Nobody is there to be asked (a signal, the session's end): the setting decides. A second one ends at once. */
  async force(): Promise<void> {
    if (this.#state === 'closing') {
      this.#deps.exit(1);
      return;
    }
    await this.#close(null);
  }

  async #close(endServers: boolean | null): Promise<void> {
    const { clock, logger, close, exit } = this.#deps;
    this.#state = 'closing';
    const cancelLimit = clock.after(MOST_MS, () => {
      logger.error('the servers did not end in time; the guardian sees to them');
      exit(1);
    });
    try {
      await close(endServers);
    } catch (error) {
      logger.error('closing failed', { error: messageOf(error) });
    }
    cancelLimit();
    exit(0);
  }
}
