import { setTimeout as pause } from 'node:timers/promises';
import type { Attempt } from '../../../shared/runs.ts';
import { ChaosServer } from '../../support/chaos-server.ts';
import { RunWorld } from '../../support/run-world.ts';
import { until } from '../support/until.ts';
import { judge } from './judge.ts';
import { type ChaosEvent, type Fault, type Schedule, workflowOf } from './schedule.ts';

/** Longer than every patience of ours in a row: a run that has not ended by then hangs. */
const LIMIT_MS = 40_000;
/** For what is taken back after a run's end. */
const PATIENCE_MS = 12_000;

/** Plays one schedule. @returns what is wrong with how it ended; empty when all is well */
export async function play(schedule: Schedule): Promise<readonly string[]> {
  const servers = await Promise.all(
    schedule.servers.map(({ stepMs, lacks }, index) => ChaosServer.start(idOf(index), stepMs, lacks)),
  );
  const stage = new Stage(servers);
  try {
    await stage.open();
    const ids = await Promise.all(
      schedule.runs.map((run) => stage.world.submit(workflowOf(run), { copies: run.copies })),
    );
    const begun = Date.now();
    for (const event of schedule.events) {
      await pause(Math.max(0, event.at - (Date.now() - begun)));
      await stage.play(event, ids);
    }
    for (const id of ids) {
      const ended = await Promise.race([stage.world.ended(id), pause(LIMIT_MS, null)]);
      if (ended === null) return [`run ${ids.indexOf(id)} hangs: ${stage.describe(id)}`];
    }
    stage.mend();
    const wrong: string[] = [];
    const say = (sentence: string) => (): number => wrong.push(sentence);
    const idle = (): boolean => servers.every(({ busyWith }) => busyWith.length === 0);
    await until('idle', idle, PATIENCE_MS).catch(say('prompts are left on a server'));
    const closed = (): boolean =>
      ids.every((id) => stage.attempts(id).every(({ endedAt }) => endedAt !== null));
    await until('closed', closed, PATIENCE_MS).catch(say('an attempt is left open'));
    const details = ids.map((id) => stage.world.runs.service.get(id));
    return [...wrong, ...(await judge(schedule, details, stage.world))];
  } finally {
    await stage.close();
  }
}

function idOf(index: number): string {
  return index === 0 ? 'master' : `worker-${index}`;
}

class Stage {
  world!: RunWorld;
  readonly #later = new Set<Promise<void>>();
  #closed = false;

  constructor(readonly servers: readonly ChaosServer[]) {}

  async open(directory: string | null = null): Promise<void> {
    this.world = await RunWorld.open(
      this.servers.map(({ id, url }) => ({ id, url })),
      directory,
    );
    if (directory === null) await this.world.fleet.ready();
  }

  attempts(id: string): readonly Attempt[] {
    return this.world.runs.service.get(id).shards.flatMap(({ attempts }) => attempts);
  }

  /** What is not over, and what the queue says. */
  describe(id: string): string {
    const { service } = this.world.runs;
    const open = service.get(id).shards.filter(({ status }) => status !== 'done');
    return JSON.stringify([service.list(null, 1).queue, open]);
  }

  async play(event: ChaosEvent, ids: readonly string[]): Promise<void> {
    const { service } = this.world.runs;
    switch (event.what) {
      case 'cancel':
        return service.cancel(ids[event.run] ?? '');
      case 'pause':
        return service.pause();
      case 'resume':
        return service.resume();
      case 'restart':
        await this.world.leave();
        return this.open(this.world.directory);
      default:
        return this.#fail(this.servers[event.server], event.fault);
    }
  }

  /** Everything that still goes wrong ends: what is left on a server must be able to go. */
  mend(): void {
    this.world.runs.service.resume();
    for (const server of this.servers) {
      server.garbage = false;
      server.drops = false;
      server.wake();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.world.close();
    for (const server of this.servers) await server.die();
    await Promise.all(this.#later);
  }

  async #fail(server: ChaosServer | undefined, fault: Fault): Promise<void> {
    if (server === undefined) return;
    switch (fault.kind) {
      case 'die':
        await server.die();
        this.#after(fault.backAfter, () => server.revive());
        break;
      case 'hang':
        server.hang();
        this.#after(fault.wakeAfter, () => server.wake());
        break;
      case 'garbage':
        server.garbage = true;
        this.#after(fault.for, () => {
          server.garbage = false;
        });
        break;
      case 'drop-messages':
        server.drops = true;
        this.#after(fault.for, () => {
          server.drops = false;
        });
        break;
      case 'duplicate-messages':
        server.duplicates = true;
        break;
      case 'lose-history':
        server.loseHistory();
        break;
      case 'forget-queue':
        server.forgetQueue();
        break;
      case 'cut-downloads':
        server.cutDownloads += fault.times;
        break;
      default:
        server.refuseUploads += fault.times;
    }
  }

  #after(ms: number, action: () => unknown): void {
    const done = pause(ms).then(async () => {
      if (!this.#closed) await action();
    });
    this.#later.add(done);
  }
}
