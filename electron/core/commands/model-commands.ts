import type { CommandHandlers } from '../../../shared/contract.ts';
import type { ModelCommands } from '../../../shared/models.ts';
import type { ActiveFleet } from '../active-fleet.ts';
import { runFleetOf } from '../fleet/run-fleet-of.ts';
import { ModelParity } from '../models/model-parity.ts';
import type { UrlStore } from '../models/url-store.ts';
import { systemClock } from '../ports.ts';

export interface ModelCommandDeps {
  /** Throws EnsembleError('not-ready') while there is no fleet. */
  readonly active: () => Pick<ActiveFleet, 'fleet' | 'runs'>;
  readonly urls: UrlStore;
}

export function modelCommands({
  active,
  urls,
}: ModelCommandDeps): Pick<CommandHandlers, keyof ModelCommands> {
  const parity = (): ModelParity => {
    const { fleet, runs } = active();
    const servers = runFleetOf(fleet, systemClock);
    return new ModelParity({
      instances: () => servers.instances(),
      server: (id) => servers.server(id)?.http ?? null,
      catalogs: runs.catalogs,
      library: runs.inputs,
      urls,
      now: () => systemClock.now(),
    });
  };
  return {
    'models.check': ({ workflow }) => parity().check(workflow),
    'models.script': ({ workflow, shell, instance }) => parity().script(workflow, shell, instance),
    'models.rememberUrl': async ({ folder, name, url }) => {
      await urls.remember(folder, name, url);
      return null;
    },
  };
}
