import type { Tone } from '../../../shared/condition.ts';
import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { nearest } from '../../../shared/nearest.ts';
import { LIMITS } from '../../../shared/parse/fields.ts';
import { type RunStatus, type RunSummary, type RunsPage, shardsDone } from '../../../shared/runs.ts';
import type { QueueAction, RunCommand } from '../orders.ts';
import { duration } from '../runs/progress-lines.ts';
import { type Terminal, table } from '../terminal.ts';

const HEADER = ['RUN', 'STATE', 'NAME', 'SHARDS', 'FILES', 'MODE', 'WHEN'];
/** Only where something waits: it is wide. */
const WAITS = 'WHY IT WAITS';
const STATES: Readonly<Record<RunStatus, { readonly word: string; readonly tone: Tone }>> = {
  queued: { word: 'Queued', tone: 'neutral' },
  running: { word: 'Running', tone: 'busy' },
  done: { word: 'Done', tone: 'ok' },
  partial: { word: 'Partly done', tone: 'warning' },
  failed: { word: 'Failed', tone: 'error' },
  cancelled: { word: 'Cancelled', tone: 'neutral' },
};

export async function printRuns(
  client: ControlClient,
  terminal: Terminal,
  order: { readonly json: boolean; readonly limit: number },
): Promise<void> {
  const page = await client.invoke('runs.list', { before: null, limit: order.limit });
  if (order.json) terminal.print(JSON.stringify(page));
  else for (const line of runLines(page, terminal, Date.now())) terminal.print(line);
}

/** @param now ms since the epoch */
export function runLines(page: RunsPage, terminal: Terminal, now: number): readonly string[] {
  const { paused, waiting, running } = page.queue;
  const head = `${running} running, ${waiting} waiting${paused ? '  ·  the queue is paused' : ''}`;
  if (page.runs.length === 0) return [head, 'No run yet.'];
  const explained = page.runs.some(({ waits }) => waits !== null);
  const rows = page.runs.map((run) => [
    ...rowOf(run, now),
    ...(explained ? [{ text: run.waits ?? '–' }] : []),
  ]);
  const header = explained ? [...HEADER, WAITS] : HEADER;
  return [head, '', ...table(terminal, header, rows), ...(page.more ? ['…'] : [])];
}

function rowOf(run: RunSummary, now: number) {
  const { word, tone } = STATES[run.status];
  return [
    { text: run.id },
    { text: word, tone },
    { text: run.name },
    { text: `${shardsDone(run)}/${run.shardCount}` },
    { text: String(run.artifactCount) },
    { text: run.mode },
    { text: `${duration(now - run.createdAt)} ago` },
  ];
}

/** @param target a run's id, or its beginning where only one run has it */
export async function changeRun(
  client: ControlClient,
  terminal: Terminal,
  order: { readonly command: RunCommand; readonly target: string; readonly json: boolean },
): Promise<void> {
  const runId = await findRun(client, order.target);
  if (order.command === 'again') {
    const again = await client.invoke('runs.again', { runId });
    terminal.print(order.json ? JSON.stringify(again) : `Submitted as ${again.runId}.`);
    return;
  }
  await client.invoke(`runs.${order.command}`, { runId });
  terminal.print(
    `${runId}: ${order.command === 'cancel' ? 'cancelled' : 'its failed shards are queued again'}.`,
  );
}

export async function changeQueue(
  client: ControlClient,
  terminal: Terminal,
  action: QueueAction,
): Promise<void> {
  await client.invoke(`queue.${action}`, {});
  terminal.print(action === 'pause' ? 'The queue is paused: what runs goes on.' : 'The queue goes on.');
}

/** Old runs are beyond the list, so that an unknown id is left to the control center to judge. */
async function findRun(client: ControlClient, target: string): Promise<string> {
  const { runs, more } = await client.invoke('runs.list', { before: null, limit: LIMITS.runsPage });
  const ids = runs.map((run) => run.id);
  if (ids.includes(target)) return target;
  const matches = ids.filter((id) => id.startsWith(target));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  if (matches.length > 1) {
    throw EnsembleError.badArgument(
      'run',
      `${matches.length} runs begin with “${target}”.`,
      'Write more of the id.',
    );
  }
  if (more) return target;
  const guess = nearest(target, ids);
  throw new EnsembleError(
    'not-found',
    `There is no run “${target}”.`,
    guess === null ? '`ensemble runs` lists them.' : `Did you mean “${guess}”?`,
  );
}
