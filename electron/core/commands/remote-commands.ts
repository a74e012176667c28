import type { CommandHandlers } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { RemoteCommands } from '../../../shared/remote.ts';
import type { ActiveFleet } from '../active-fleet.ts';
import { RemoteInstance } from '../fleet/remote-instance.ts';
import { readWorkflow } from '../graph/read-workflow.ts';
import type { RemoteTests } from '../readiness/remote-tests.ts';
import type { Requirements } from '../readiness/requirements-rungs.ts';

export interface RemoteCommandDeps {
  /** @throws EnsembleError('not-ready') while there is no fleet */
  readonly active: () => ActiveFleet;
  readonly tests: RemoteTests;
}

/** Workers on other machines: added, changed and tested. */
export function remoteCommands({
  active,
  tests,
}: RemoteCommandDeps): Pick<CommandHandlers, keyof RemoteCommands> {
  return {
    'remote.check': async ({ id, draft }) => active().remoteEditing.check(id, draft),
    'remote.add': async ({ draft }) => ({ id: await active().remoteEditing.add(draft) }),
    'remote.update': async ({ id, draft }) => {
      await active().remoteEditing.update(id, draft);
      return null;
    },
    'remote.test': async ({ testId, id, draft, workflow }) => {
      const { remoteEditing, fleet } = active();
      const place = remoteEditing.tried(id, draft);
      return tests.run(testId, {
        place,
        address: remoteEditing.addressOf(id, place),
        requirements: workflow === null ? null : requirementsOf(workflow),
        masterVersion: fleet.master.monitor.value.server?.comfyuiVersion ?? null,
        rates: null,
      });
    },
    'remote.stopTest': async ({ testId }) => {
      tests.stop(testId);
      return null;
    },
    'remote.climb': async ({ id }) => {
      const instance = active().fleet.get(id);
      if (instance instanceof RemoteInstance) return instance.climb();
      throw new EnsembleError(
        'conflict',
        `${instance.definition.name} is a worker of this machine.`,
        'Its card says how it is.',
      );
    },
  };
}

function requirementsOf(workflow: string): Requirements {
  return (catalog) => readWorkflow(workflow, catalog).prompt;
}
