import { EnsembleError } from '../../../shared/errors.ts';
import type { ComfyHttp } from './http.ts';
import type { HistoryEntry } from './replies.ts';

/** Where a prompt is on its server, and how it is taken off it again. */

export type Whereabouts =
  | { readonly status: 'pending' | 'running' | 'absent' }
  | { readonly status: 'done'; readonly entry: HistoryEntry };

export type QueueAccess = Pick<ComfyHttp, 'history' | 'queue' | 'deleteQueued' | 'interrupt'>;

/**
 * 'absent' is certain at the time of the answer: a prompt goes from the queue to the history in one step, and the history is
 * asked again after the queue.
 */
export async function whereIs(
  http: Pick<QueueAccess, 'history' | 'queue'>,
  promptId: string,
  signal?: AbortSignal,
): Promise<Whereabouts> {
  const early = await http.history(promptId, signal);
  if (early !== null) return { status: 'done', entry: early };
  const { running, pending } = await http.queue(signal);
  if (running.includes(promptId)) return { status: 'running' };
  if (pending.includes(promptId)) return { status: 'pending' };
  const entry = await http.history(promptId, signal);
  return entry === null ? { status: 'absent' } : { status: 'done', entry };
}

/** Removes a prompt that waits, interrupts one that runs; nothing but this very prompt is touched. */
export async function withdraw(http: QueueAccess, promptId: string, signal?: AbortSignal): Promise<void> {
  await http.deleteQueued([promptId], signal);
  const { running } = await http.queue(signal);
  if (running.includes(promptId)) await http.interrupt(promptId, signal);
}

/** Removes a prompt if it still waits. @returns 'started' when it was too late: it runs or is done */
export async function revoke(
  promptId: string,
  { http }: { readonly http: QueueAccess },
  signal?: AbortSignal,
): Promise<'removed' | 'started'> {
  await http.deleteQueued([promptId], signal);
  const { status } = await whereIs(http, promptId, signal);
  // Still waiting: the server ignored us, so it will start.
  return status === 'absent' ? 'removed' : 'started';
}

/** The server may or may not have got what was sent. */
export function isAmbiguous(error: unknown): boolean {
  return error instanceof EnsembleError && (error.code === 'timeout' || error.code === 'disconnected');
}
