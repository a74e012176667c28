import type { CommandHandlers } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import type { ActiveFleet } from '../active-fleet.ts';
import { ComfyHttp } from '../comfy/http.ts';
import type { TestPictureRunner } from '../comfy/test-picture.ts';
import type { Instance } from '../fleet/instance.ts';
import { isLocal, suggestWorker } from '../fleet/roster.ts';

type FleetCommands = Pick<
  CommandHandlers,
  | 'fleet.startAll'
  | 'fleet.stopAll'
  | 'fleet.setParticipation'
  | (`instance.${string}` & keyof CommandHandlers)
  | (`worker.${string}` & keyof CommandHandlers)
  | 'gpus.rescan'
  | (`logs.${string}` & keyof CommandHandlers)
>;

export interface FleetCommandDeps {
  /** @throws EnsembleError('not-ready') while there is no fleet */
  readonly active: () => ActiveFleet;
  readonly pictures: TestPictureRunner;
}

/** Everything that acts on instances of the fleet that runs now. */
export function fleetCommands({ active, pictures }: FleetCommandDeps): FleetCommands {
  const instance = (id: string): Instance => active().fleet.get(id);
  return {
    'fleet.startAll': async () => done(active().fleet.startAll()),
    'fleet.stopAll': async () => done(active().fleet.stopAll()),
    'fleet.setParticipation': async ({ participate }) =>
      done(active().editing.select(MASTER_ID, participate)),

    'instance.start': async ({ id }) => done(instance(id).start()),
    'instance.stop': async ({ id }) => done(managed(instance(id)).stop()),
    'instance.restart': async ({ id }) => done(managed(instance(id)).restart()),
    'instance.interrupt': async ({ id }) => done(new ComfyHttp(instance(id).address).interrupt(null)),
    'instance.freeMemory': async ({ id }) => done(new ComfyHttp(instance(id).address).free()),
    'instance.select': async ({ id, selected }) => done(active().editing.select(id, selected)),
    'instance.testPicture': async ({ id }) => {
      const target = instance(id);
      const { address, monitor, definition } = target;
      const cpu = isLocal(definition) && definition.device === 'cpu';
      const pictureId = await pictures.queue(
        { id, name: definition.name, address, cpu, monitor },
        (picture) => target.setPicture(picture),
      );
      return { pictureId };
    },

    'worker.suggest': async () => {
      const current = active();
      const taken = await current.takenPorts();
      const { deps, gpus } = current.fleet;
      return suggestWorker(deps.store.value, gpus, (port) => taken.has(port));
    },
    'worker.check': async ({ id, draft }) => active().editing.check(id, draft),
    'worker.add': async ({ draft }) => ({ id: await active().editing.add(draft) }),
    'worker.update': async ({ id, draft, restart }) => done(active().editing.update(id, draft, restart)),
    'worker.remove': async ({ id }) => active().editing.remove(notRented(instance(id)).id),
    'worker.restore': async ({ removed, index }) => done(active().editing.restore(removed, index)),

    'gpus.rescan': async () => done(active().rescanGpus()),

    'logs.read': async ({ id, after, limit, waitMs }) => {
      const { log } = instance(id);
      if (waitMs > 0) await log.wait(after, waitMs);
      return log.read({ after, limit });
    },
    'logs.clear': async ({ id }) => {
      instance(id).log.clear();
      return null;
    },
  };
}

async function done(work: Promise<unknown>): Promise<null> {
  await work;
  return null;
}

/** Without its card nobody would see what it goes on costing. */
function notRented(instance: Instance): Instance {
  const { definition } = instance;
  if (isLocal(definition) || definition.source?.kind !== 'provider') return instance;
  throw new EnsembleError(
    'conflict',
    `${definition.name} is rented, and would go on costing without its card.`,
    'Give it back under Settings, “Providers”; it leaves the fleet then.',
  );
}

function managed(instance: Instance): Instance {
  if (instance.control === 'managed' || instance.definition.type !== 'local') return instance;
  throw new EnsembleError(
    'conflict',
    `${instance.definition.name} was not started by Comfy Ensemble and is not stopped by it.`,
    'End it where it was started; after that it can be launched from here.',
  );
}
