import { messageOf } from '../../shared/errors.ts';
import type { Clock, Logger } from '../core/ports.ts';
import type { QuitChoice } from './quit-decision.ts';

/** Stopping escalates within a few seconds per server; what takes longer than this is left to the guardian. */
const MOST_MS = 30_000;
/**
 * Under load one quit in fifty was heard and did not end (seen on Electron 22, its main loop waiting): while we close
 * something is always due soon, so that the loop wakes; and whoever was told to end and goes on is told again.
 */
const PULSE_MS = 250;
const AGAIN_MS = 500;
const TELLS = 10;

export interface ShutdownDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Asks a person where work would be lost; null = the setting decides. */
  readonly ask: () => Promise<QuitChoice | null>;
  /** Ends or leaves the servers (null = as set) and everything else that holds the process. */
  readonly close: (endServers: boolean | null) => Promise<void>;
  /** Ends this process at once. */
  readonly exit: (code: number) => void;
  /** The same, when it is told and goes on: everything that matters is closed by then. */
  readonly kill: () => void;
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
      this.#exit(1);
      return;
    }
    await this.#close(null);
  }

  async #close(endServers: boolean | null): Promise<void> {
    const { clock, logger, close } = this.#deps;
    this.#state = 'closing';
    const cancelLimit = clock.after(MOST_MS, () => {
      logger.error('the servers did not end in time; the guardian sees to them');
      this.#exit(1);
    });
    const stopPulse = this.#keepAwake();
    try {
      await close(endServers);
    } catch (error) {
      logger.error('closing failed', { error: messageOf(error) });
    }
    cancelLimit();
    stopPulse();
    this.#exit(0);
  }

  #keepAwake(): () => void {
    let cancel = (): void => {};
    const beat = (): void => {
      cancel = this.#deps.clock.after(PULSE_MS, beat);
    };
    beat();
    return () => cancel();
  }

  #exit(code: number, told = 1): void {
    const { clock, exit, kill } = this.#deps;
    exit(code);
    clock.after(AGAIN_MS, () => {
      if (told < TELLS) this.#exit(code, told + 1);
      else kill();
    });
  }
}
