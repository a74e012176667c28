import type { ControlClient } from '../../shared/contract.ts';
import { EnsembleError, toEnvelope } from '../../shared/errors.ts';
import type { Reply } from '../../shared/ipc.ts';
import { EventHub, parseEventFrame } from './event-hub.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 8000;

/** How long to wait before connection attempt `attempt` (0, 1, …): doubled each time, half of it by chance. */
export function retryDelay(attempt: number, random: () => number): number {
  const full = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 16));
  return full / 2 + random() * (full / 2);
}

export interface WebClientOptions {
  readonly origin: string;
  /** The session cookie is missing or no longer known. */
  readonly onSignedOut: () => void;
}

/** The client in a browser: commands over HTTP, events over one WebSocket, both authorised by the same-origin cookie. */
export function createWebClient({ origin, onSignedOut }: WebClientOptions): ControlClient {
  const hub = new EventHub();
  const connectionListeners = new Set<(connected: boolean) => void>();
  let connected: boolean | null = null;
  let attempt = 0;
  let signedOut = false;

  const setConnected = (value: boolean): void => {
    if (connected === value) return;
    connected = value;
    for (const listener of connectionListeners) listener(value);
  };

  const post = async (command: string, args: unknown, signal?: AbortSignal): Promise<unknown> => {
    const reply = await request(`${origin}/api/commands/${command}`, args, signal);
    if (reply.ok) return reply.result;
    if (reply.error.code === 'unauthorized') {
      signedOut = true;
      onSignedOut();
    }
    throw EnsembleError.fromEnvelope(reply.error);
  };

  const connect = (): void => {
    const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/events`);
    let opened = false;
    socket.addEventListener('open', () => {
      opened = true;
      attempt = 0;
      setConnected(true);
    });
    socket.addEventListener('message', (message) => {
      const event = parseEventFrame(message.data);
      if (event !== null) hub.emit(event);
    });
    socket.addEventListener('close', () => {
      setConnected(false);
      void retry(opened);
    });
  };

  const retry = async (opened: boolean): Promise<void> => {
    // A browser hides why an upgrade was refused; an ordinary command tells whether we are signed out.
    if (!opened) await post('system.info', {}).catch(() => undefined);
    if (signedOut) return;
    setTimeout(connect, retryDelay(attempt, Math.random));
    attempt += 1;
  };

  connect();
  return {
    invoke: async (command, args, signal) =>
      (await post(command, args, signal instanceof AbortSignal ? signal : undefined)) as never,
    subscribe: (event, listener) => hub.on(event, listener),
    onConnection(listener) {
      connectionListeners.add(listener);
      if (connected !== null) listener(connected);
      return () => connectionListeners.delete(listener);
    },
    fileUrl: (path) => new URL(path, origin).href,
  };
}

async function request(url: string, args: unknown, signal?: AbortSignal): Promise<Reply> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(args),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    throw new EnsembleError(
      'disconnected',
      'The control center does not answer.',
      'Check that it is still running; this page reconnects by itself.',
      [],
      { cause },
    );
  }
  const reply = (await response.json().catch(() => null)) as Reply | null;
  if (reply !== null) return reply;
  const error =
    response.status === 401
      ? new EnsembleError('unauthorized', 'This page is signed out.', 'Run `ensemble open` for a new link.')
      : new EnsembleError('internal', `The control center answered ${response.status} without a reply.`);
  return { ok: false, error: toEnvelope(error) };
}
