import type { Readable } from 'node:stream';
import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { type Clock, sleep } from '../../core/ports.ts';
import { NoControlCenter } from '../connection.ts';

/** A client that also brings files, as HttpClient does. */
export interface ControlLine extends ControlClient {
  openFile(path: string, signal?: AbortSignal): Promise<Readable>;
  close(): void;
}

export interface LifelineOptions {
  /** Null while no control center runs. */
  readonly find: () => Promise<ControlLine | null>;
  readonly clock: Clock;
  /** How long a lost one is looked for, ms. */
  readonly patience?: number;
}

/** A restart takes a few seconds; the address and the token are others afterwards. */
const PATIENCE = 30_000;
const LOOK_AGAIN = 250;

/** The line to a control center that may be killed and started again meanwhile. */
export class Lifeline {
  #client: ControlLine;
  readonly #options: LifelineOptions;

  constructor(first: ControlLine, options: LifelineOptions) {
    this.#client = first;
    this.#options = options;
  }

  get client(): ControlLine {
    return this.#client;
  }

  /** @throws NoControlCenter when none came back; the signal's reason when it aborts */
  async renew(signal: AbortSignal): Promise<void> {
    this.#client.close();
    const { clock, find, patience = PATIENCE } = this.#options;
    const deadline = clock.now() + patience;
    while (clock.now() < deadline) {
      // One that is just starting may answer anything.
      const found = await find().catch(() => null);
      if (found !== null) {
        this.#client = found;
        return;
      }
      await sleep(clock, LOOK_AGAIN, signal);
    }
    throw new NoControlCenter(
      'disconnected',
      'The control center is gone and has not come back.',
      'Start it again: runs go on where they were. `ensemble runs` shows them.',
    );
  }

  close(): void {
    this.#client.close();
  }
}

/** The control center is gone, or another one has its address: nothing that the request itself did. */
export function isLost(error: unknown): boolean {
  return error instanceof EnsembleError && (error.code === 'disconnected' || error.code === 'unauthorized');
}
