export interface LinkedAbort {
  readonly signal: AbortSignal;
  /** Rejects when the signal aborts, with its reason; never resolves. */
  readonly aborted: Promise<never>;
  abort(reason: unknown): void;
  /** Lets go of the outer signal. */
  close(): void;
}

/** A signal of one's own that also follows an outer one (AbortSignal.any, which older runtimes lack). */
export function linkedAbort(outer: AbortSignal | undefined): LinkedAbort {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener('abort', follow, { once: true });
  const { signal } = controller;
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  return {
    signal,
    aborted,
    abort: (reason) => controller.abort(reason),
    close: () => outer?.removeEventListener('abort', follow),
  };
}
