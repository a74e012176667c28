import { networkInterfaces } from 'node:os';
import { Bonjour, type Browser, type Service } from 'bonjour-service';
import { messageOf } from '../../../shared/errors.ts';
import { type Clock, Emitter, type Logger } from '../ports.ts';
import { isNear, MOST_FOUND } from './found.ts';
import {
  type Announced,
  type Responder,
  SERVICE_TYPES,
  type SeenService,
  type ServiceType,
} from './responder.ts';

/** Asked anew, and forgotten when they do not answer any more. */
const REFRESH_MS = 30_000;

interface Interface {
  readonly bonjour: Bonjour;
  readonly browsers: readonly (readonly [ServiceType, Browser])[];
}

export interface BonjourDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** IPv4 addresses to speak at; those of this machine's private networks unless a test says otherwise. */
  readonly addresses?: readonly string[];
}

/** Multicast DNS at the loopback and the private networks of this machine, and nowhere else. */
export class BonjourResponder implements Responder {
  readonly #deps: BonjourDeps;
  readonly #seen = new Emitter<readonly SeenService[]>();
  readonly #problems = new Emitter<string>();
  readonly #interfaces: readonly Interface[];
  #cancelRefresh: () => void = () => {};

  constructor(deps: BonjourDeps) {
    this.#deps = deps;
    this.#interfaces = (deps.addresses ?? nearAddresses()).map((address) => this.#open(address));
    this.#refreshSoon();
  }

  announce(services: readonly Announced[]): void {
    for (const { bonjour } of this.#interfaces) {
      bonjour.unpublishAll(() => {
        for (const service of services) {
          // Our names hold an id: nobody has to be asked whether they are taken.
          bonjour.publish({ ...service, type: SERVICE_TYPES[0], probe: false, disableIPv6: true });
        }
      });
    }
  }

  onSeen(listener: (services: readonly SeenService[]) => void): () => void {
    return this.#seen.on(listener);
  }

  onProblem(listener: (problem: string) => void): () => void {
    return this.#problems.on(listener);
  }

  close(): void {
    this.#cancelRefresh();
    for (const { bonjour, browsers } of this.#interfaces) {
      for (const [, browser] of browsers) browser.stop();
      // Says good-bye first, so that others forget us at once.
      bonjour.unpublishAll(() => bonjour.destroy());
    }
  }

  #open(address: string): Interface {
    const onError = (error: unknown): void => this.#fail(address, error);
    // Bound to one address nothing would come in: multicast is addressed to all.
    const options = { interface: address, bind: '0.0.0.0' };
    const bonjour = new Bonjour(options as object, onError);
    mdnsOf(bonjour)?.on('error', onError);
    const browsers = SERVICE_TYPES.map((type) => {
      const browser = bonjour.find({ type });
      const tell = (): void => this.#tell(browser);
      // Its types do not say that it is an emitter.
      const events = browser as unknown as Listening;
      for (const event of ['up', 'down', 'srv-update', 'txt-update']) events.on(event, tell);
      return [type, browser] as const;
    });
    return { bonjour, browsers };
  }

  /** A flood is not followed any further: who wants to fill our memory has had enough room. */
  #tell(changed: Browser): void {
    if (changed.services.length > MOST_FOUND) changed.stop();
    this.#seen.emit(
      this.#interfaces.flatMap(({ browsers }) =>
        browsers.flatMap(([type, { services }]) => services.map((service) => seen(type, service))),
      ),
    );
  }

  #refreshSoon(): void {
    this.#cancelRefresh = this.#deps.clock.after(REFRESH_MS, () => {
      for (const { browsers } of this.#interfaces) {
        for (const [, browser] of browsers) {
          browser.update();
          browser.expire();
        }
      }
      this.#refreshSoon();
    });
  }

  #fail(address: string, error: unknown): void {
    this.#deps.logger.warn('multicast DNS does not work', { address, reason: messageOf(error) });
    this.#problems.emit(`Multicast DNS does not work at ${address}: ${messageOf(error)}.`);
  }
}

export function nearAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  return all.flatMap(({ family, address }) => (family === 'IPv4' && isNear(address) ? [address] : []));
}

function seen(type: ServiceType, { name, port, addresses, referer, txt }: Service): SeenService {
  return {
    ...{ type, name, port, addresses: addresses ?? [], txt: isObject(txt) ? txt : {} },
    from: referer?.address ?? null,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

interface Listening {
  on(event: string, listener: (value: unknown) => void): unknown;
}

/** Its errors (a port that is taken, a right that is missing) have no other way out, and would end the process. */
function mdnsOf(bonjour: object): Listening | null {
  const server: unknown = 'server' in bonjour ? bonjour.server : null;
  const mdns: unknown = isObject(server) ? server['mdns'] : null;
  return isObject(mdns) && typeof mdns['on'] === 'function' ? (mdns as unknown as Listening) : null;
}
