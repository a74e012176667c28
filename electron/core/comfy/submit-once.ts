import { type Clock, sleep } from '../ports.ts';
import type { ComfyHttp } from './http.ts';
import type { SubmitRequest } from './http-types.ts';
import { isAmbiguous, whereIs } from './whereabouts.ts';

const MAX_POSTS = 3;
/** A request whose answer was lost may still be on its way in: it is absent when two looks, this far apart, say so. */
const SETTLE_MS = 1_000;
const LOOKS = 2;

export interface SubmitDeps {
  readonly http: Pick<ComfyHttp, 'submit' | 'history' | 'queue'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Queues a prompt once, even when the answer is lost: ComfyUI would queue the same id again, so it is sent again only after
 * queue and history have said that it is not there.
 * @throws PromptRefused, or EnsembleError when the server cannot be asked; the signal's reason when it aborts
 */
export async function submitOnce(request: SubmitRequest, deps: SubmitDeps): Promise<void> {
  for (let posts = 1; ; posts += 1) {
    try {
      await deps.http.submit(request, deps.signal);
      return;
    } catch (error) {
      deps.signal.throwIfAborted();
      if (!isAmbiguous(error)) throw error;
      if (await arrived(request.promptId, error, deps)) return;
      if (posts === MAX_POSTS) throw error;
    }
  }
}

/** @throws the error of the submission when nobody answers */
async function arrived(
  promptId: string,
  failure: unknown,
  { http, clock, signal }: SubmitDeps,
): Promise<boolean> {
  for (let look = 1; ; look += 1) {
    try {
      if ((await whereIs(http, promptId, signal)).status !== 'absent') return true;
    } catch {
      signal.throwIfAborted();
      throw failure;
    }
    if (look === LOOKS) return false;
    await sleep(clock, SETTLE_MS, signal);
  }
}
