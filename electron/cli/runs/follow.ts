import { EnsembleError } from '../../../shared/errors.ts';
import { isFinished, type RunDetail } from '../../../shared/runs.ts';
import type { Clock } from '../../core/ports.ts';
import { type ControlLine, isLost, type Lifeline } from './lifeline.ts';
import type { RunView } from './run-view.ts';

export interface FollowOptions {
  readonly runId: string;
  readonly view: RunView;
  readonly clock: Clock;
  /** Told when the control center was lost, and when there is one again. */
  readonly onLine: (isThere: boolean) => void;
  /** Ends the waiting; the run goes on. */
  readonly signal: AbortSignal;
}

/** Until the events flow, ms: a control center that is up needs far less. */
const CONNECT_PATIENCE = 10_000;

/**
 * Waits for the end of a run, whatever becomes of the control center meanwhile.
 * @throws EnsembleError('not-found') when the run was removed, NoControlCenter when none comes back, the signal's reason
 */
export async function followRun(lifeline: Lifeline, options: FollowOptions): Promise<RunDetail> {
  for (;;) {
    const end = await followOn(lifeline.client, options);
    if (end !== 'lost') return end;
    options.onLine(false);
    await lifeline.renew(options.signal);
    options.onLine(true);
  }
}

/** Subscribes first and fetches then, so that nothing falls between the two. */
function followOn(client: ControlLine, options: FollowOptions): Promise<RunDetail | 'lost'> {
  const { runId, view, signal } = options;
  const ends: (() => void)[] = [];
  return new Promise<RunDetail | 'lost'>((resolve, reject) => {
    const look = (): void => {
      client.invoke('runs.get', { runId }, signal).then(
        (detail) => {
          view.applyDetail(detail);
          if (isFinished(detail.run.status)) resolve(detail);
        },
        (error: unknown) => (isLost(error) ? resolve('lost') : reject(error)),
      );
    };
    const stopWaiting = options.clock.after(CONNECT_PATIENCE, () => resolve('lost'));
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort);
    ends.push(
      stopWaiting,
      () => signal.removeEventListener('abort', abort),
      client.subscribe('runs', ({ runs, removed }) => {
        view.applyRuns(runs);
        if (removed.includes(runId)) reject(removedRun(runId));
        // Its last files may still be on their way as events: the snapshot has them all.
        if (runs.some((run) => run.id === runId && isFinished(run.status))) look();
      }),
      client.subscribe('shards', (shards) => view.applyShards(shards)),
      client.subscribe('artifact', (artifact) => view.applyArtifact(artifact)),
      client.onConnection((isConnected) => {
        stopWaiting();
        if (isConnected) look();
        else resolve('lost');
      }),
    );
    if (signal.aborted) abort();
  }).finally(() => {
    for (const end of ends) end();
  });
}

function removedRun(runId: string): EnsembleError {
  return new EnsembleError('not-found', `The run ${runId} was removed.`);
}
