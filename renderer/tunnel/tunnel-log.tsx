import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../shared/contract.ts';
import type { LogLine, LogPage } from '../../shared/logs.ts';
import { useClient } from '../store/services.ts';

const MOST_LINES = 400;
const WAIT_MS = 20_000;
const RETRY_MS = 2_000;

/** What cloudflared says, newest at the end, for as long as it is looked at. */
export function TunnelLog() {
  const lines = useTunnelLog();
  const end = useRef<HTMLPreElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves the end.
  useEffect(() => {
    const element = end.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [lines]);
  if (lines === null) return <p role="status">Reading the log…</p>;
  if (lines.length === 0) return <p className="field-hint">cloudflared has not said anything yet.</p>;
  return (
    <pre
      ref={end}
      className="tunnel-log mono"
      role="log"
      aria-label="Log of the tunnel"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
    >
      {lines.map(({ seq, level, text }) => (
        <span key={seq} className={level === 'error' ? 'tunnel-log-error' : undefined}>
          {`${text}\n`}
        </span>
      ))}
    </pre>
  );
}

/** null until the first page came. */
function useTunnelLog(): readonly LogLine[] | null {
  const client = useClient();
  const [lines, setLines] = useState<readonly LogLine[] | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    void follow(client, controller.signal, (more) =>
      setLines((before) => [...(before ?? []), ...more].slice(-MOST_LINES)),
    );
    return () => controller.abort();
  }, [client]);
  return lines;
}

async function follow(
  client: ControlClient,
  signal: AbortSignal,
  onLines: (lines: readonly LogLine[]) => void,
): Promise<void> {
  let after: number | null = null;
  let waitMs = 0;
  while (!signal.aborted) {
    try {
      const page: LogPage = await client.invoke('tunnel.log', { after, limit: MOST_LINES, waitMs }, signal);
      if (signal.aborted) return;
      const isNews = page.lines.length > 0 || waitMs === 0;
      if (isNews) onLines(page.lines);
      after = page.lines.at(-1)?.seq ?? after;
      waitMs = WAIT_MS;
      // One that answers at once although nothing is new must not be asked in a loop.
      if (!isNews) await pause(RETRY_MS, signal);
    } catch {
      await pause(RETRY_MS, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
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
