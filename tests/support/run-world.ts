import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Notices } from '../../electron/core/notices.ts';
import { silentLogger, systemClock } from '../../electron/core/ports.ts';
import { openRuns, type Runs, type RunsDeps } from '../../electron/core/runs/open-runs.ts';
import { RunFeed } from '../../electron/core/runs/run-feed.ts';
import {
  type Artifact,
  DEFAULT_RUN_OPTIONS,
  isFinished,
  type RunDetail,
  type RunId,
  type RunOptions,
  type Shard,
} from '../../shared/runs.ts';
import { BareFleet, type BareServer } from './bare-fleet.ts';

/** A whole run service over bare servers, without a control center around it. */
export class RunWorld {
  private constructor(
    readonly directory: string,
    readonly fleet: BareFleet,
    readonly feed: RunFeed,
    readonly notices: Notices,
    public runs: Runs,
  ) {}

  /** @param directory one of an earlier world goes on where that left off */
  static async open(
    servers: readonly BareServer[],
    directory: string | null = null,
    faults: Pick<RunsDeps, 'journal' | 'files'> = {},
  ): Promise<RunWorld> {
    const home = directory ?? (await mkdtemp(path.join(tmpdir(), 'ensemble-runs-')));
    const fleet = new BareFleet(servers, home);
    await fleet.makeFolders();
    const feed = new RunFeed(systemClock);
    const notices = new Notices(systemClock);
    const runs = await openRuns({
      ...{ directory: home, fleet, feed, notices },
      ...faults,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      retention: () => ({ runs: 1_000, days: 30 }),
    });
    return new RunWorld(home, fleet, feed, notices, runs);
  }

  submit(workflow: unknown, options: Partial<RunOptions> = {}): Promise<RunId> {
    const text = typeof workflow === 'string' ? workflow : JSON.stringify(workflow);
    return this.runs.service.submit('test', text, { ...DEFAULT_RUN_OPTIONS, ...options });
  }

  /** Submits and waits for the end. */
  async run(workflow: unknown, options: Partial<RunOptions> = {}): Promise<RunDetail> {
    return this.ended(await this.submit(workflow, options));
  }

  ended(id: RunId): Promise<RunDetail> {
    return new Promise((resolve) => {
      const look = (): void => {
        const detail = this.runs.service.get(id);
        if (!isFinished(detail.run.status)) return;
        stop();
        resolve(detail);
      };
      const stop = this.feed.onRuns(look);
      look();
    });
  }

  /** Resolves with the first shard that fits. */
  shard(fits: (shard: Shard) => boolean): Promise<Shard> {
    return new Promise((resolve) => {
      const stop = this.feed.onShards((shards) => {
        const found = shards.find(fits);
        if (found === undefined) return;
        stop();
        resolve(found);
      });
    });
  }

  bytes(artifact: Artifact): Promise<Buffer> {
    return readFile(artifact.path);
  }

  /** Lets go of servers and files, and keeps the folder for another world. */
  async leave(): Promise<void> {
    await this.runs.close();
    this.fleet.close();
  }

  async close(): Promise<void> {
    await this.leave();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Results in the order of shards, and of what each made. */
export function inOrder(detail: RunDetail, stage: 1 | 2 = 1): readonly Artifact[] {
  return detail.artifacts
    .filter((artifact) => artifact.stage === stage)
    .slice()
    .sort((a, b) => a.shard - b.shard || a.at - b.at);
}
