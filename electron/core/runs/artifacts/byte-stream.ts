/** Any stream of bytes: Node's, the web's, a generator. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Lets go of a stream that nobody will read to its end. */
export function discard(stream: ByteStream): void {
  if (!('destroy' in stream) || typeof stream.destroy !== 'function') return;
  // A stream may still tell of its broken connection; nobody is interested any more.
  if ('on' in stream && typeof stream.on === 'function') stream.on('error', () => undefined);
  stream.destroy();
}

/**
 * Its chunks one by one. Whatever ends the reading lets go of the stream.
 * @throws what the stream throws, or the signal's reason as soon as it aborts, even while the stream hangs
 */
export async function* chunksOf(
  stream: ByteStream,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = stream[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    if (!ended) {
      // Not awaited: a generator that hangs would never return.
      iterator.return?.().then(undefined, () => undefined);
      discard(stream);
    }
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
