import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { FailureReport } from '../../../shared/lifecycle.ts';
import type { Exit } from './child-process.ts';
import { diagnose } from './diagnosis.ts';
import { lastLines } from './log-tail.ts';
import type { ManagedProcessDeps } from './managed-process-deps.ts';
import type { ProcessTable } from './process-table.ts';
import type { ServerRun } from './server-run.ts';

const MOST_LINES = 60;

/** What a run died of. @param memoryPeak 0..1, null when unknown */
export function deathOf(
  run: ServerRun,
  exit: Exit,
  memoryPeak: number | null,
  { log, clock }: ManagedProcessDeps,
): FailureReport {
  return diagnose({
    exitCode: exit.code,
    signal: exit.signal,
    lines: lastLines(log.file, run.process.logOffset, MOST_LINES),
    memoryPeak,
    wasReady: run.readyAt !== null,
    verdict: run.verdict,
    port: run.port,
    at: clock.now(),
  });
}

/** For a process that outlives every signal, or that cannot be told from others and therefore got none. */
export async function unstoppable(
  run: ServerRun,
  memoryPeak: number | null,
  deps: ManagedProcessDeps,
  table: ProcessTable,
): Promise<FailureReport> {
  const readable = await table.list().then(
    () => true,
    () => false,
  );
  const { pid } = run.process;
  const summary = readable
    ? `Process ${pid} does not end, not even when killed: it hangs in the system or a driver.`
    : `Process ${pid} could not be ended: the system's list of processes cannot be read.`;
  const remedy = readable ? 'Restart the machine.' : 'Stop it again in a moment, or end it by hand.';
  const death = deathOf(run, { code: null, signal: null }, memoryPeak, deps);
  return { ...death, cause: 'hang', summary, remedy };
}

/** A start is refused while the process that could not be ended is there. */
export function stillThere(pid: number): EnsembleError {
  const message = `Process ${pid}, which could not be ended, is still there.`;
  return new EnsembleError('conflict', message, 'Stop it again, end it by hand, or restart the machine.');
}

/** For a start that never came to a process. */
export function neverRan(error: unknown, { clock, port }: ManagedProcessDeps): FailureReport {
  const report = diagnose({
    exitCode: null,
    signal: null,
    lines: [],
    memoryPeak: null,
    wasReady: false,
    verdict: { kind: 'spawn-failed', message: messageOf(error) },
    port: port(),
    at: clock.now(),
  });
  return error instanceof EnsembleError ? { ...report, ...refusal(error) } : report;
}

/** A refusal of ours, told as the cause of death of a start that could not even begin. */
function refusal({ code, message, hint }: EnsembleError): Partial<FailureReport> {
  const told = { summary: message, remedy: hint };
  return code === 'port-in-use' || code === 'bad-argument' || code === 'disk-full'
    ? { cause: code, ...told }
    : told;
}

/** What the disk said, in words; other errors as they are. */
export function startError(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) return error;
  return new EnsembleError(
    'disk-full',
    'The server could not be started: the disk of its log and its folders is full.',
    'Free some space on that disk and start it again.',
    [],
    { cause: error },
  );
}
