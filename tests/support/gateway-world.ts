import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessKey } from '../../electron/core/gateway/access/access-key.ts';
import { thisMachine } from '../../electron/core/gateway/access/machine.ts';
import { Gateway } from '../../electron/core/gateway/gateway.ts';
import { Notices } from '../../electron/core/notices.ts';
import { type Clock, silentLogger, systemClock } from '../../electron/core/ports.ts';
import { openRuns, type Runs } from '../../electron/core/runs/open-runs.ts';
import { RunFeed } from '../../electron/core/runs/run-feed.ts';
import type { RunFolders, RunServer } from '../../electron/core/runs/run-fleet.ts';
import type { InstanceId } from '../../shared/model.ts';
import { DEFAULT_SETTINGS, type GatewaySettings } from '../../shared/settings.ts';
import { type Answer, at, type CallOptions, call, until } from '../conformance/client.ts';
import { BareFleet, type BareServer } from './bare-fleet.ts';

type MasterFolders = Pick<RunFolders, 'input' | 'output'>;

/** A fleet whose folders are those of its master, as with servers of our own. */
class HomeFleet extends BareFleet {
  constructor(
    servers: readonly BareServer[],
    directory: string,
    private readonly home: MasterFolders | null,
  ) {
    super(servers, directory);
  }

  override folders(): RunFolders {
    return { ...super.folders(), ...this.home };
  }

  override server(id: InstanceId): RunServer | null {
    const server = super.server(id);
    if (server === null || this.home === null) return server;
    return { ...server, sharesOutput: server.role === 'master' };
  }
}

/** A gateway with runs and bare servers behind it, without a control center around it. */
export class GatewayWorld {
  private constructor(
    readonly directory: string,
    readonly fleet: BareFleet,
    readonly notices: Notices,
    readonly runs: Runs,
    readonly gateway: Gateway,
    readonly key: AccessKey,
  ) {}

  /**
   * @param home the master's own folders
   * @param directory one of an earlier world goes on where that left off
   * @param settings asked again and again, as the real ones are
   */
  static async open(
    servers: readonly BareServer[],
    {
      home: folders = null,
      directory = null,
      settings = {},
      clock = systemClock,
      publicUrl = () => null,
    }: {
      readonly home?: MasterFolders | null;
      readonly directory?: string | null;
      readonly settings?: Partial<GatewaySettings>;
      readonly clock?: Clock;
      readonly publicUrl?: () => string | null;
    } = {},
  ): Promise<GatewayWorld> {
    const home = directory ?? (await mkdtemp(path.join(tmpdir(), 'ensemble-gateway-')));
    const fleet = new HomeFleet(servers, home, folders);
    await fleet.makeFolders();
    await fleet.ready();
    const feed = new RunFeed(systemClock);
    const notices = new Notices(systemClock);
    const key = await AccessKey.open(path.join(home, 'gateway-token'));
    const access = {
      ...{ key, machine: thisMachine, fixedHost: null, feed: { changed: () => {} } },
      settings: () => ({ ...DEFAULT_SETTINGS, ...settings }),
      publicUrl,
    };
    const shared = {
      access,
      directory: home,
      fleet,
      feed,
      notices,
      clock,
      logger: silentLogger,
    };
    const gateway = new Gateway(shared);
    const runs = await openRuns({
      ...shared,
      random: Math.random,
      retention: () => ({ runs: 1_000, days: 30 }),
      observer: gateway.observer,
    });
    gateway.attach(runs);
    await gateway.address.listen(20_000 + Math.floor(Math.random() * 30_000), new Set());
    return new GatewayWorld(home, fleet, notices, runs, gateway, key);
  }

  ask(where: string, options?: CallOptions): Promise<Answer> {
    return call(`${this.url}${where}`, options);
  }

  /** The history of a prompt, once there is one. */
  finished(promptId: string): Promise<unknown> {
    return until('its history', async () => at((await this.ask(`/history/${promptId}`)).json, promptId));
  }

  get url(): string {
    return this.gateway.url ?? '';
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Lets go of servers and files, and keeps the folder for another world. */
  async leave(): Promise<void> {
    await this.gateway.close();
    await this.runs.close();
    this.gateway.release();
    this.fleet.close();
  }

  async close(): Promise<void> {
    await this.leave();
    await rm(this.directory, { recursive: true, force: true });
  }
}
