import { linkedAbort } from './linked-abort.ts';

export interface Waiter {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((value: number) => void) | undefined;
}

interface Running<T> {
  readonly result: Promise<T>;
  readonly waiters: Set<Waiter>;
  readonly abort: AbortController;
}

/** Work that many may want at once is done once; it is given up when nobody waits for it any more. */
export class SharedWork<T> {
  readonly #running = new Map<string, Running<T>>();

  /** Rejects as the work does, or with the waiter's own reason when its signal aborts first. */
  async join(
    key: string,
    start: (signal: AbortSignal, tell: (value: number) => void) => Promise<T>,
    waiter: Waiter = {},
  ): Promise<T> {
    waiter.signal?.throwIfAborted();
    const running = this.#running.get(key) ?? this.#start(key, start);
    running.waiters.add(waiter);
    const own = linkedAbort(waiter.signal);
    try {
      return await Promise.race([running.result, own.aborted]);
    } finally {
      own.close();
      running.waiters.delete(waiter);
      if (running.waiters.size === 0) this.#end(key, running);
    }
  }

  #start(key: string, start: (signal: AbortSignal, tell: (value: number) => void) => Promise<T>): Running<T> {
    const waiters = new Set<Waiter>();
    const abort = new AbortController();
    const result = start(abort.signal, (value) => {
      for (const waiter of waiters) waiter.onProgress?.(value);
    });
    // The waiters see it; without any it is of no interest.
    result.catch(() => {});
    const running = { result, waiters, abort };
    this.#running.set(key, running);
    return running;
  }

  #end(key: string, running: Running<T>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
    running.abort.abort(new Error('nobody waits for it any more'));
  }
}
