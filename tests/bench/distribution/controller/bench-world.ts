import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Notices } from '../../../../electron/core/notices.ts';
import { silentLogger, systemClock } from '../../../../electron/core/ports.ts';
import { openRuns, type Runs } from '../../../../electron/core/runs/open-runs.ts';
import { RunFeed } from '../../../../electron/core/runs/run-feed.ts';
import {
  DEFAULT_RUN_OPTIONS,
  isFinished,
  type RunId,
  type RunOptions,
  type RunSummary,
} from '../../../../shared/runs.ts';
import { BenchFleet } from './bench-fleet.ts';

export const WORKFLOW = readFileSync(path.resolve('examples', 'txt2img.json'), 'utf8');

/** The product's whole run service with its journal and files, over a fleet of addresses. */
export class BenchWorld {
  private constructor(
    readonly directory: string,
    readonly fleet: BenchFleet,
    readonly feed: RunFeed,
    readonly runs: Runs,
  ) {}

  /** Resolves when every server answers. @param urls the first is the master, which only orchestrates */
  static async open(urls: readonly string[]): Promise<BenchWorld> {
    const directory = await mkdtemp(path.join(tmpdir(), 'ensemble-bench-'));
    const fleet = new BenchFleet(urls, directory);
    await fleet.ready();
    const feed = new RunFeed(systemClock);
    const runs = await openRuns({
      ...{ directory, fleet, feed, notices: new Notices(systemClock), clock: systemClock },
      random: Math.random,
      logger: silentLogger,
      retention: () => ({ runs: 1_000, days: 30 }),
    });
    return new BenchWorld(directory, fleet, feed, runs);
  }

  submit(change: Partial<RunOptions> = {}): Promise<RunId> {
    return this.runs.service.submit('bench', WORKFLOW, { ...DEFAULT_RUN_OPTIONS, ...change });
  }

  /** @throws when it does not end as done */
  ended(id: RunId): Promise<RunSummary> {
    return new Promise((resolve, reject) => {
      const stop = this.feed.onRuns(({ runs }) => {
        const run = runs.find((one) => one.id === id);
        if (run === undefined || !isFinished(run.status)) return;
        stop();
        if (run.status === 'done') resolve(run);
        else reject(new Error(`the run ended as ${run.status}: ${run.error ?? ''}`));
      });
    });
  }

  async close(): Promise<void> {
    await this.runs.close();
    this.fleet.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
