import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { messageOf } from '../../../shared/errors.ts';
import { InputCourier } from '../media/input-courier.ts';
import { InputLibrary } from '../media/input-library.ts';
import type { Notices } from '../notices.ts';
import type { Clock, Logger, Random } from '../ports.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { ActiveRun } from './active-run.ts';
import { ArtifactStore } from './artifacts/artifact-store.ts';
import { type ArtifactFiles, nodeFiles } from './artifacts/files.ts';
import type { AttemptObserver } from './attempt-observer.ts';
import { Attempts } from './attempts.ts';
import { Catalogs } from './catalogs.ts';
import { Endings } from './endings.ts';
import { FallbackWatch } from './fallback-watch.ts';
import { InstanceTrust } from './instance-trust.ts';
import { openJournal } from './journal/journal.ts';
import { LateWrites } from './late-writes.ts';
import { removeLeftovers } from './leftovers.ts';
import { Outcomes } from './outcomes.ts';
import { Reattachment } from './reattachment.ts';
import type { Journal } from './records.ts';
import { recovered } from './recovery.ts';
import { RunBook } from './run-book.ts';
import { RunEngine } from './run-engine.ts';
import type { RunFeed } from './run-feed.ts';
import type { RunFleet } from './run-fleet.ts';
import { inputsOfPlan } from './run-inputs.ts';
import { RunLibrary } from './run-library.ts';
import { RunService } from './run-service.ts';
import { buildSecondPass } from './second-pass.ts';
import { Strays } from './strays.ts';

export interface RunsDeps {
  /** Holds runs.db. */
  readonly directory: string;
  readonly fleet: RunFleet;
  readonly feed: RunFeed;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Looks on at all attempts. */
  readonly observer?: AttemptObserver;
  /** Tests let them fail. */
  readonly journal?: typeof openJournal;
  readonly files?: ArtifactFiles;
  /** Finished runs that are remembered, and for how long (days). */
  readonly retention: () => { readonly runs: number; readonly days: number };
}

export interface Runs {
  readonly service: RunService;
  readonly store: ArtifactStore;
  readonly book: RunBook;
  readonly journal: Journal;
  readonly catalogs: Catalogs;
  readonly inputs: InputLibrary;
  /** Attempts are let go of; their prompts go on where they are, and the next start finds them. */
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const PRUNE_MS = 3_600_000;

/** Opens the journal, goes on with what an earlier life left unfinished, and takes new runs. */
export async function openRuns(deps: RunsDeps): Promise<Runs> {
  const { clock, logger, fleet, feed, notices } = deps;
  const openIt = deps.journal ?? openJournal;
  const journal = openIt(path.join(deps.directory, 'runs.db'), { clock, logger });
  for (const problem of journal.problems) notices.add('warning', 'The journal of runs was mended', problem);
  const store = new ArtifactStore({
    ...{ journal, clock, logger },
    files: deps.files ?? nodeFiles,
    folders: () => fleet.folders(),
    newId: randomUUID,
  });
  await store.recover();
  await removeLeftovers(fleet.folders().input, clock.now() - DAY_MS);
  const wired = wire(deps, journal, store);
  const pruning = prune(deps, journal);
  const left = journal.openRuns().map((open) => recovered(open, journal));
  for (const { run, open } of left) {
    wired.book.add(run);
    run.inputs = await inputsOfPlan(run.plan, null, wired.library);
    // What its second pass runs is not journaled: it is the same again over the same files.
    if (open.some(({ shard }) => shard.stage === 2)) await rebuildSecondPass(run, fleet, logger);
  }
  wired.engine.start();
  const reattachment = new Reattachment(
    {
      fleet,
      clock,
      book: wired.book,
      attempts: wired.attempts,
      submit: (shards) => wired.engine.submit(shards),
      stray: (attempt) => strays.add(attempt),
    },
    left.flatMap(({ open }) => open),
  );
  const held = new Set(left.flatMap(({ open }) => open.map(({ attempt }) => attempt.id)));
  const strays = new Strays(
    { fleet, journal, clock },
    journal.openAttempts().filter(({ id }) => !held.has(id)),
  );
  wired.engine.submit(left.flatMap(({ waiting }) => waiting));
  for (const { run } of left) wired.endings.settle(run);
  reattachment.start();
  strays.start();
  return {
    service: wired.service,
    ...{ store, journal, book: wired.book, catalogs: wired.catalogs, inputs: wired.library },
    close: async () => {
      pruning();
      reattachment.close();
      strays.close();
      wired.engine.close();
      wired.catalogs.close();
      await wired.endings.close();
      feed.removed(wired.book.all.map(({ id }) => id));
      feed.flush(wired.book);
      feed.cancel();
      await wired.attempts.ended();
      wired.lateWrites.close();
      journal.close();
    },
  };
}

/** Where it cannot be built any more, the attempt is not worth finding: settling the run builds or fails it anew. */
async function rebuildSecondPass(run: ActiveRun, fleet: RunFleet, logger: Logger): Promise<void> {
  try {
    run.secondPass = await buildSecondPass(run, fleet.folders().input);
  } catch (error) {
    logger.warn('a second pass cannot be built again', { run: run.id, reason: messageOf(error) });
  }
}

interface Wired {
  readonly book: RunBook;
  readonly engine: RunEngine;
  readonly attempts: Attempts;
  readonly endings: Endings;
  readonly catalogs: Catalogs;
  readonly library: InputLibrary;
  readonly service: RunService;
  readonly lateWrites: LateWrites;
}

/** The parts know each other in a circle: what happens to attempts moves the engine, and the engine begins attempts. */
function wire(deps: RunsDeps, journal: Journal, store: ArtifactStore): Wired {
  const { clock, logger, fleet, feed, notices } = deps;
  const scheduler = new Scheduler();
  const trust = new InstanceTrust();
  const library = new InputLibrary(fleet.folders());
  const courier = new InputCourier(library, {
    clock,
    onSent: (id, bytes, seconds) => scheduler.lines.observe(id, 'up', bytes, seconds),
  });
  const nextRevision = revisions(clock);
  const book = new RunBook({
    journal,
    feed,
    nextRevision,
    queue: () => engine.queue,
    expectedEnd: (id) => scheduler.expectedEnd(id, clock.now()),
  });
  const catalogs = new Catalogs(fleet, logger, (id) => {
    // Another life of the server: nothing is loaded there, its uploads may be gone, and what it lacked it may have now.
    scheduler.restarted(id);
    courier.forget(id);
    for (const run of book.all) run.unable.delete(id);
    engine.pump();
  });
  const settle = (run: ActiveRun): void => endings.settle(run);
  const hold = (why: string): void => engine.hold(why);
  const lateWrites = new LateWrites({ clock, hold });
  const outcomes = new Outcomes({
    ...{ fleet, journal, scheduler, catalogs, trust, book, clock, lateWrites, hold },
    attempts: () => attempts,
    pump: () => engine.pump(),
    settle: (shard) => settle(shard.run),
  });
  const attempts = new Attempts(
    { catalogs, book, courier, store, clock, observer: deps.observer ?? null },
    outcomes,
  );
  const fallback = new FallbackWatch({
    ...{ fleet, book, clock },
    resubmit: (run) => engine.resubmit(run),
    giveUp: (run, why) => engine.giveUp(run, why),
  });
  const engine = new RunEngine({
    ...{ fleet, journal, scheduler, catalogs, trust, book, attempts, notices, clock, settle },
    beforeRound: () => fallback.look(),
  });
  const endings = new Endings({
    ...{ fleet, book, notices, clock, logger, lateWrites },
    submit: (shard) => engine.submit([shard]),
  });
  const service = new RunService({
    ...{ journal, book, engine, feed, clock, settle },
    library: new RunLibrary({ journal, book, nextRevision }),
    submission: {
      ...{ catalogs, library, random: deps.random },
      instances: () => fleet.instances(),
      now: () => clock.now(),
    },
  });
  return { book, engine, attempts, endings, catalogs, library, service, lateWrites };
}

/** Grows over restarts too, as long as the clock does. */
function revisions(clock: Clock): () => number {
  let last = clock.now() * 1000;
  return () => {
    last += 1;
    return last;
  };
}

/** @returns its end */
function prune(deps: RunsDeps, journal: Journal): () => void {
  let cancel = (): void => {};
  const round = (): void => {
    const { runs, days } = deps.retention();
    try {
      const gone = journal.prune({ maxRuns: runs, olderThan: deps.clock.now() - days * DAY_MS });
      deps.feed.removed(gone);
    } catch (error) {
      deps.logger.warn('old runs cannot be forgotten now', { reason: messageOf(error) });
    }
    cancel = deps.clock.after(PRUNE_MS, round);
  };
  round();
  return () => cancel();
}
