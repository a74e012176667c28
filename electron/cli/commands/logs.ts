import type { Tone } from '../../../shared/condition.ts';
import type { ControlClient } from '../../../shared/contract.ts';
import type { LogLevel, LogPage } from '../../../shared/logs.ts';
import { LIMITS } from '../../../shared/parse/fields.ts';
import { findInstance } from '../connection.ts';
import { paint, type Terminal } from '../terminal.ts';

const WAIT = 25_000;
const TONES: Readonly<Record<LogLevel, Tone | null>> = {
  debug: 'neutral',
  info: null,
  warning: 'warning',
  error: 'error',
};

export interface LogOrder {
  readonly target: string;
  readonly follow: boolean;
  readonly lines: number;
  readonly json: boolean;
}

/** Follows until the connection ends or the person interrupts. */
export async function printLogs(client: ControlClient, terminal: Terminal, order: LogOrder): Promise<void> {
  const { instances } = await client.invoke('fleet.snapshot', {});
  const { id } = findInstance(instances, order.target);
  let page = await client.invoke('logs.read', { id, after: null, limit: order.lines, waitMs: 0 });
  printPage(page, terminal, order.json);
  while (order.follow) {
    page = await client.invoke('logs.read', {
      id,
      after: page.next - 1,
      limit: LIMITS.logLines,
      waitMs: WAIT,
    });
    if (page.dropped > 0) terminal.printError(`… ${page.dropped} lines came too fast to be kept …`);
    printPage(page, terminal, order.json);
  }
}

function printPage(page: LogPage, terminal: Terminal, json: boolean): void {
  for (const line of page.lines) {
    const tone = TONES[line.level];
    if (json) terminal.print(JSON.stringify(line));
    else terminal.print(tone === null ? line.text : paint(terminal, tone, line.text));
  }
}
