import { messageOf } from '../../../shared/errors.ts';
import type { GatewaySettings } from '../../../shared/settings.ts';
import type { Notices } from '../notices.ts';
import type { GatewayFeed } from './gateway-feed.ts';
import { ANY_HOST, type Place } from './http/listener.ts';
import type { GatewayServer } from './server.ts';

export interface GatewayAddressDeps {
  readonly server: Pick<GatewayServer, 'place' | 'url' | 'listen' | 'moveTo' | 'close'>;
  readonly settings: () => Pick<GatewaySettings, 'gatewayPort' | 'gatewayOpen'>;
  /** Where to listen whatever the settings say; null = as they say. */
  readonly fixedHost: string | null;
  readonly feed: Pick<GatewayFeed, 'changed'>;
  readonly notices: Notices;
}

/** Where the gateway listens: one move after the other, and only what can be had is kept. */
export class GatewayAddress {
  #moves: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: GatewayAddressDeps) {}

  /**
   * @param reserved ports that servers of the fleet will want
   * @throws EnsembleError when no port can be had
   */
  async listen(wanted: number, reserved: ReadonlySet<number>): Promise<void> {
    const { server, settings, feed, notices } = this.deps;
    const port = await server.listen(this.#placeOf(wanted, settings().gatewayOpen), reserved);
    feed.changed();
    if (port === wanted) return;
    notices.add('info', `The fleet’s ComfyUI address is ${server.url}`, `Port ${wanted}, as set, is taken.`);
  }

  /**
   * Goes on there at once, and keeps it; old connections end.
   * @param port null = where it is
   * @param save writes it down
   * @throws EnsembleError when it cannot listen there or be written down: then nothing has changed
   */
  moveTo(port: number | null, open: boolean, save: () => Promise<unknown>): Promise<void> {
    const { server, settings, feed } = this.deps;
    const move = this.#moves.then(async () => {
      const before = server.place;
      const place = this.#placeOf(port ?? before?.port ?? settings().gatewayPort, open);
      if (before?.port !== place.port || before.host !== place.host) await server.moveTo(place);
      try {
        await save();
      } catch (error) {
        await this.#goBack(before);
        throw error;
      }
      feed.changed();
    });
    this.#moves = move.catch(() => {});
    return move;
  }

  async close(): Promise<void> {
    await this.#moves;
    await this.deps.server.close();
    this.deps.feed.changed();
  }

  #placeOf(port: number, open: boolean): Place {
    return { host: this.deps.fixedHost ?? (open ? ANY_HOST : '127.0.0.1'), port };
  }

  async #goBack(place: Place | null): Promise<void> {
    const { server, notices } = this.deps;
    try {
      if (place === null) await server.close();
      else await server.moveTo(place);
    } catch (error) {
      notices.add('error', 'The fleet has no ComfyUI address', messageOf(error));
    }
  }
}
