import type { DiscoveryState } from '../../../shared/discovery.ts';
import { isSame } from '../plain-data.ts';
import { Emitter } from '../ports.ts';
import { announcementOf, foundPlaces, type KnownPlaces, type Own, type OwnService } from './found.ts';
import type { Responder, SeenService } from './responder.ts';

export interface DiscoveryDeps {
  readonly own: Own;
  /** What of this control center others can reach, as it is now. */
  readonly services: () => readonly OwnService[];
  readonly known: () => Omit<KnownPlaces, 'ownId'>;
  /** The person's choice. */
  readonly enabled: () => boolean;
  readonly onSettings: (listener: () => void) => () => void;
  readonly openResponder: () => Responder;
}

/** Who is in this network, for as long as a person wants to know and to be known. */
export class Discovery {
  readonly #deps: DiscoveryDeps;
  readonly #changed = new Emitter<DiscoveryState>();
  #responder: Responder | null = null;
  #seen: readonly SeenService[] = [];
  #problem: string | null = null;
  #announced: readonly OwnService[] = [];
  #told: DiscoveryState | null = null;
  #stop: () => void = () => {};

  constructor(deps: DiscoveryDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stop = this.#deps.onSettings(() => this.refresh());
    this.refresh();
  }

  close(): void {
    this.#stop();
    this.#responder?.close();
    this.#responder = null;
  }

  get state(): DiscoveryState {
    const { own, known } = this.#deps;
    const enabled = this.#responder !== null;
    const places = enabled ? foundPlaces(this.#seen, { ownId: own.id, ...known() }) : [];
    return { enabled, problem: enabled ? this.#problem : null, found: places };
  }

  onChange(listener: (state: DiscoveryState) => void): () => void {
    return this.#changed.on(listener);
  }

  /** The setting, what we offer, or what we know of others may have changed. */
  refresh(): void {
    if (this.#deps.enabled()) this.#open();
    else if (this.#responder !== null) {
      this.#responder.close();
      this.#responder = null;
      this.#seen = [];
      this.#announced = [];
    }
    this.#announce();
    this.#tell();
  }

  #open(): void {
    if (this.#responder !== null) return;
    this.#problem = null;
    const responder = this.#deps.openResponder();
    this.#responder = responder;
    responder.onSeen((services) => {
      if (responder !== this.#responder) return;
      this.#seen = services;
      this.#tell();
    });
    responder.onProblem((problem) => {
      if (responder !== this.#responder) return;
      this.#problem = problem;
      this.#tell();
    });
  }

  #announce(): void {
    const services = this.#deps.services();
    if (this.#responder === null || isSame(services, this.#announced)) return;
    this.#announced = services;
    this.#responder.announce(services.map((service) => announcementOf(this.#deps.own, service)));
  }

  #tell(): void {
    const { state } = this;
    if (this.#told !== null && isSame(state, this.#told)) return;
    this.#told = state;
    this.#changed.emit(state);
  }
}
