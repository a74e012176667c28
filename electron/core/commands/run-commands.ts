import type { CommandHandlers } from '../../../shared/contract.ts';
import type { RunService } from '../runs/run-service.ts';

type RunCommands = Pick<
  CommandHandlers,
  (`runs.${string}` & keyof CommandHandlers) | 'queue.pause' | 'queue.resume' | 'gallery.list'
>;

/** @param runs throws EnsembleError('not-ready') while there is no fleet */
export function runCommands(runs: () => RunService): RunCommands {
  return {
    'runs.plan': async ({ workflow, options }) => runs().plan(workflow, options),
    'runs.submit': async ({ name, workflow, options }) => ({
      runId: await runs().submit(name, workflow, options),
    }),
    'runs.list': async ({ before, limit }) => runs().list(before, limit),
    'runs.get': async ({ runId }) => runs().get(runId),
    'runs.workflow': async ({ runId }) => runs().workflow(runId),
    'runs.cancel': async ({ runId }) => {
      runs().cancel(runId);
      return null;
    },
    'runs.retry': async ({ runId }) => {
      runs().retry(runId);
      return null;
    },
    'runs.again': async ({ runId }) => ({ runId: await runs().again(runId) }),
    'runs.move': async ({ runId, before }) => {
      runs().move(runId, before);
      return null;
    },
    'runs.remove': async ({ runId }) => {
      runs().remove(runId);
      return null;
    },
    'queue.pause': async () => {
      runs().pause();
      return null;
    },
    'queue.resume': async () => {
      runs().resume();
      return null;
    },
    'gallery.list': async ({ cursor, limit, filter }) => runs().gallery(cursor, limit, filter),
  };
}
