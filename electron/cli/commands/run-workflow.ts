import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { LIMITS } from '../../../shared/parse/fields.ts';
import type { RunDetail, RunOptions, RunStatus } from '../../../shared/runs.ts';
import type { Clock } from '../../core/ports.ts';
import { findInstance } from '../connection.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { RunOutput } from '../orders.ts';
import type { RunRequest } from '../run-arguments.ts';
import { FileKeeper } from '../runs/file-keeper.ts';
import { followRun } from '../runs/follow.ts';
import type { Lifeline } from '../runs/lifeline.ts';
import { JsonReporter, LineReporter, type RunReporter } from '../runs/reporters.ts';
import { RunView } from '../runs/run-view.ts';
import { runNameOf } from '../runs/workflow-file.ts';
import type { Terminal } from '../terminal.ts';

export interface RunDeps {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Ctrl+C; returns its unsubscribe. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

export type RunOrder = RunRequest & RunOutput & { readonly json: boolean };

const CODES: Readonly<Record<RunStatus, ExitCode>> = {
  done: EXIT.ok,
  partial: EXIT.partial,
  failed: EXIT.failed,
  cancelled: EXIT.failed,
  queued: EXIT.failed,
  running: EXIT.failed,
};

/**
 * Submits, and waits for the results unless it is told not to.
 * @param workflow its text
 * @returns the exit code
 */
export async function runWorkflow(
  lifeline: Lifeline,
  order: RunOrder,
  workflow: string,
  deps: RunDeps,
): Promise<ExitCode> {
  const { client } = lifeline;
  const options = await withIds(client, order.options);
  const stop = new AbortController();
  const reporter = order.json
    ? new JsonReporter(deps.terminal)
    : new LineReporter(deps.terminal, () => deps.clock.now());
  const keeper =
    order.out === null
      ? null
      : new FileKeeper(order.out, lifeline, stop.signal, ({ artifact, file }) =>
          reporter.artifact(artifact, file),
        );
  await keeper?.prepare();
  const name = order.name ?? runNameOf(order.workflow);
  const { runId } = await client.invoke('runs.submit', { name, workflow, options });
  reporter.submitted(runId, name);
  if (!order.wait) return EXIT.ok;
  const stopListening = deps.onInterrupt(() => stop.abort(new Detached()));
  try {
    const detail = await wait(lifeline, { runId, reporter, keeper, clock: deps.clock, signal: stop.signal });
    const code = CODES[detail.run.status];
    reporter.done(detail, code);
    return code;
  } catch (error) {
    reporter.close();
    if (!stop.signal.aborted) throw error;
    deps.terminal.printError(`The run goes on. To end it: ensemble cancel ${runId}`);
    return EXIT.detached;
  } finally {
    stopListening();
  }
}

interface Waiting {
  readonly runId: string;
  readonly reporter: RunReporter;
  readonly keeper: FileKeeper | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function wait(lifeline: Lifeline, waiting: Waiting): Promise<RunDetail> {
  const { runId, reporter, keeper, clock, signal } = waiting;
  const view = new RunView(runId, {
    run: (run) => reporter.run(run),
    shard: (shard) => reporter.shard(shard),
    artifact: (artifact) => (keeper === null ? reporter.artifact(artifact, null) : keeper.keep(artifact)),
  });
  const onLine = (isThere: boolean): void => reporter.line(isThere);
  const detail = await followRun(lifeline, { runId, view, clock, onLine, signal });
  await keeper?.finish();
  return detail;
}

class Detached extends Error {}

/** The control center takes ids alone. @throws EnsembleError('bad-argument') for an instance that is not there */
export async function withIds(client: ControlClient, options: RunOptions): Promise<RunOptions> {
  if (options.on === null) return options;
  const { instances } = await client.invoke('fleet.snapshot', {});
  const ids = options.on.map((target) => {
    try {
      return findInstance(instances, target).id;
    } catch (error) {
      if (!(error instanceof EnsembleError)) throw error;
      throw EnsembleError.badArgument('--on', error.message, error.hint);
    }
  });
  return { ...options, on: [...new Set(ids)].slice(0, LIMITS.listIndex) };
}
