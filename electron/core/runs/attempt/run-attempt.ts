import { messageOf } from '../../../../shared/errors.ts';
import { PromptRefused } from '../../comfy/refusal.ts';
import { submitOnce } from '../../comfy/submit-once.ts';
import { withdraw } from '../../comfy/whereabouts.ts';
import { AttemptFailure } from './attempt-failure.ts';
import type { AttemptDeps, AttemptOrder, AttemptResult } from './attempt-types.ts';
import { AttemptWatch } from './attempt-watch.ts';
import { isDetached } from './detached.ts';
import { resultOf } from './outcome.ts';

export type {
  AttemptDeps,
  AttemptEvent,
  AttemptOrder,
  AttemptOutput,
  AttemptResult,
  AttemptServer,
} from './attempt-types.ts';

/** A submission under way is waited for when we cancel: what is still on its way cannot be removed. */
const CANCEL_PATIENCE_MS = 2_000;
/** Taking a prompt off a server that may be gone. */
const WITHDRAW_MS = 5_000;

/**
 * Submits a prompt, or finds it again, and follows it to its files. Messages say when to look, queue and history what is
 * true, and the monitor's health when the server is gone. Aborting the signal takes the prompt off the server before this
 * rejects; with a `Detached` as its reason the prompt is left alone.
 * @throws AttemptFailure and nothing else
 */
export async function runAttempt(order: AttemptOrder, deps: AttemptDeps): Promise<AttemptResult> {
  const watch = new AttemptWatch(order, deps);
  try {
    watch.signal.throwIfAborted();
    if (!order.reattach) await submit(order, deps, watch);
    watch.tell({ kind: 'queued' });
    const entry = await watch.untilDone();
    const result = resultOf(entry, order.promptId, order.prompt);
    watch.tell({ kind: 'finished', at: deps.clock.now() });
    return result;
  } catch (error) {
    const failure = failureOf(error, deps);
    await leave(failure, order, deps);
    throw failure;
  } finally {
    watch.close();
  }
}

async function submit(order: AttemptOrder, { clock }: AttemptDeps, watch: AttemptWatch): Promise<void> {
  const { promptId, prompt, extraData, server } = order;
  const patience = new AbortController();
  const giveUp = (): void => patience.abort(watch.signal.reason);
  let cancelTimer = (): void => {};
  const onEnd = (): void => {
    const gone = watch.signal.reason instanceof AttemptFailure;
    if (gone) giveUp();
    else cancelTimer = clock.after(CANCEL_PATIENCE_MS, giveUp);
  };
  watch.signal.addEventListener('abort', onEnd, { once: true });
  try {
    const request = { prompt, promptId, clientId: watch.clientId, extraData };
    await submitOnce(request, { http: server.http, clock, signal: patience.signal });
    watch.signal.throwIfAborted();
  } finally {
    cancelTimer();
    watch.signal.removeEventListener('abort', onEnd);
  }
}

function failureOf(error: unknown, { signal }: AttemptDeps): AttemptFailure {
  if (error instanceof AttemptFailure) return error;
  if (signal.aborted) return new AttemptFailure('cancelled', messageOf(signal.reason), { cause: error });
  if (error instanceof PromptRefused) return AttemptFailure.refused(error);
  return AttemptFailure.lost(messageOf(error), error);
}

/** What nobody waits for any more must not keep the GPU; only this very prompt is touched. */
async function leave({ kind }: AttemptFailure, order: AttemptOrder, deps: AttemptDeps): Promise<void> {
  if (kind === 'lost') void abandon(order, deps);
  const isUnwanted = kind === 'stalled' || (kind === 'cancelled' && !isDetached(deps.signal.reason));
  if (!isUnwanted) return;
  await bounded(deps, (signal) => withdraw(order.server.http, order.promptId, signal));
}

/** A server that was only thought dead would go on with it: both orders wait in its socket until it wakes. */
async function abandon({ server, promptId }: AttemptOrder, deps: AttemptDeps): Promise<void> {
  await Promise.all([
    bounded(deps, (signal) => server.http.deleteQueued([promptId], signal)),
    bounded(deps, (signal) => server.http.interrupt(promptId, signal)),
  ]);
}

/** Nothing more can be done where it fails. */
async function bounded(
  { clock }: AttemptDeps,
  action: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const limit = new AbortController();
  const cancel = clock.after(WITHDRAW_MS, () => limit.abort(new Error('too late')));
  await action(limit.signal).catch(() => {});
  cancel();
}
