import { useCallback, useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../shared/contract.ts';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { InstanceId } from '../../shared/model.ts';
import { useClient } from '../store/services.ts';
import { clearLines, EMPTY_LOG, type LogBuffer, receivePage } from './log-buffer.ts';

/** Lines asked for at once: the most that the contract allows. */
const PAGE_LINES = 5000;
const WAIT_MS = 20_000;
const RETRY_MS = 1000;
/** At most ten pages a second, so that a spamming server costs the page no more than that many renders. */
const PAGE_INTERVAL_MS = 100;

export interface LogHandle {
  readonly buffer: LogBuffer;
  /** Why reading fails at the moment; it goes on trying. */
  readonly problem: ErrorEnvelope | null;
  readonly clear: () => void;
}

/** Pulls one instance's log for as long as it is mounted and not paused: every page asks for what came after the last. */
export function useLog(id: InstanceId | null, paused: boolean): LogHandle {
  const client = useClient();
  // What was read survives a pause: the ref says where to go on, the state what to draw.
  const read = useRef<HeldLog>({ id, buffer: EMPTY_LOG });
  const [held, setHeld] = useState<HeldLog>(read.current);
  const [problem, setProblem] = useState<ErrorEnvelope | null>(null);
  const hold = useCallback((next: HeldLog) => {
    read.current = next;
    setHeld(next);
  }, []);
  useEffect(() => {
    if (id === null || paused) return;
    const controller = new AbortController();
    if (read.current.id !== id) hold({ id, buffer: EMPTY_LOG });
    setProblem(null);
    void pull(client, id, controller.signal, {
      after: () => read.current.buffer.after,
      onPage(page) {
        const buffer = receivePage(read.current.buffer, page);
        if (buffer !== read.current.buffer) hold({ id, buffer });
        setProblem(null);
      },
      onProblem: setProblem,
    });
    return () => controller.abort();
  }, [client, id, paused, hold]);
  const clear = useCallback(
    () => hold({ id: read.current.id, buffer: clearLines(read.current.buffer) }),
    [hold],
  );
  return { buffer: held.id === id ? held.buffer : EMPTY_LOG, problem, clear };
}

interface HeldLog {
  readonly id: InstanceId | null;
  readonly buffer: LogBuffer;
}

interface PullHandlers {
  readonly after: () => number | null;
  readonly onPage: (page: Parameters<typeof receivePage>[1]) => void;
  readonly onProblem: (problem: ErrorEnvelope) => void;
}

async function pull(
  client: ControlClient,
  id: InstanceId,
  signal: AbortSignal,
  { after, onPage, onProblem }: PullHandlers,
): Promise<void> {
  let first = true;
  while (!signal.aborted) {
    let pause = PAGE_INTERVAL_MS;
    try {
      const query = { id, after: after(), limit: PAGE_LINES, waitMs: first ? 0 : WAIT_MS };
      const page = await client.invoke('logs.read', query, signal);
      if (signal.aborted) return;
      onPage(page);
      first = false;
      // Nothing was ever logged: there is no line to wait behind.
      if (after() === null) pause = RETRY_MS;
    } catch (error) {
      if (signal.aborted) return;
      onProblem(toEnvelope(error));
      pause = RETRY_MS;
    }
    await wait(pause, signal);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
