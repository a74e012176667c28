import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { DEFAULT_CONTROL_PORT } from '../shared/settings.ts';
import { serveAgent } from './agent-host.ts';
import type { ControlCenter } from './core/control-center.ts';
import type { HostOptions } from './core/options.ts';
import type { Logger } from './core/ports.ts';
import type { Dispatcher } from './transports/dispatcher.ts';
import { type ControlServer, startHttpServer } from './transports/http-server.ts';

export interface ServeOptions {
  readonly center: ControlCenter;
  readonly dispatcher: Dispatcher;
  readonly options: HostOptions;
  /** The folder of the built entries; the page lies in its renderer/. */
  readonly directory: string;
  readonly logger: Logger;
}

/** Serves the page and the contract for browsers and the CLI, beside a window or without one, and tells where. */
export async function serveControlCenter(serve: ServeOptions): Promise<ControlServer> {
  const { center, dispatcher, options, directory, logger } = serve;
  const token = randomBytes(32).toString('base64url');
  try {
    const server = await startHttpServer({
      dispatcher,
      events: center.events,
      serveFile: center.serveFile,
      rendererDirectory: path.join(directory, 'renderer'),
      host: options.host,
      port: options.port ?? DEFAULT_CONTROL_PORT,
      fallback: options.port === null,
      token,
      allowedHosts: [],
      logger,
    });
    const agent = await serveAgent({ center, dispatcher, options, logger }).catch(async (error: unknown) => {
      await server.close();
      throw error;
    });
    await center.publish({ url: server.url, token });
    return {
      ...server,
      close: async () => {
        await Promise.all([server.close(), agent?.close()]);
      },
    };
  } catch (error) {
    await center.close();
    throw error;
  }
}
