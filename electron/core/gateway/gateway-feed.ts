import type { GatewayStatus } from '../../../shared/contract.ts';
import { type Clock, Emitter } from '../ports.ts';

const PAUSE_MS = 1_000;

export const NO_GATEWAY: GatewayStatus = {
  url: null,
  open: false,
  fixedHost: null,
  addresses: [],
  clients: [],
  clientCount: 0,
};

/** Tells how the ComfyUI address is, at most once a second. */
export class GatewayFeed {
  readonly #told = new Emitter<GatewayStatus>();
  #isDue = false;

  constructor(
    private readonly clock: Clock,
    private readonly status: () => GatewayStatus,
  ) {}

  onStatus(listener: (status: GatewayStatus) => void): () => void {
    return this.#told.on(listener);
  }

  /** Something of it has changed. */
  changed(): void {
    if (this.#isDue || this.#told.size === 0) return;
    this.#isDue = true;
    this.clock.after(PAUSE_MS, () => {
      this.#isDue = false;
      this.#told.emit(this.status());
    });
  }
}
