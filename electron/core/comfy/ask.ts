import { type Dispatcher, request } from 'undici';
import { connectionsTo, type ServerAddress } from './server-address.ts';

export type AskOptions = Omit<
  Dispatcher.RequestOptions,
  'path' | 'origin' | 'signal' | 'headersTimeout' | 'bodyTimeout'
> & {
  readonly signal: AbortSignal;
};

/**
 * One request, and the head of its answer. Our own timers bound all of it; undici's finer ones would only blur their messages.
 * @throws the signal's reason as soon as it aborts: undici alone would first wait for a connection that is being made, which
 *   takes its whole time where a machine has vanished
 */
export function ask(
  address: ServerAddress,
  path: string,
  options: AskOptions,
): Promise<Dispatcher.ResponseData> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const unlimited = { headersTimeout: 0, bodyTimeout: 0 };
    request(`${address.url}${path}`, { dispatcher: connectionsTo(address), ...options, ...unlimited })
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}
