import type { CommandHandlers } from '../../../shared/contract.ts';
import type { ProviderCommands } from '../../../shared/provider-commands.ts';
import type { Providers } from '../providers/providers.ts';

/** Workers that are rented, and who rents them out. */
export function providerCommands(providers: Providers): Pick<CommandHandlers, keyof ProviderCommands> {
  return {
    'providers.state': async () => providers.state,
    'providers.save': async ({ provider, credentials }) => ({
      id: await providers.save(provider, credentials),
    }),
    'providers.remove': async ({ id }) => done(providers.remove(id)),
    'providers.test': async ({ id }) => ({ message: await providers.test(id) }),
    'providers.offers': ({ id, vramGb }) => providers.offers(id, vramGb),
    'providers.setCaps': async ({ caps }) => done(providers.setCaps(caps)),
    'providers.rent': async (order) => ({ lease: await providers.keeper.rent(order) }),
    'providers.release': async ({ lease, now }) => done(providers.keeper.release(lease, now)),
    'providers.reconcile': () => providers.reconcile(),
    'providers.adopt': async ({ provider, key, pricePerHour, ...terms }) =>
      done(providers.adopt(provider, key, pricePerHour, terms)),
    'providers.releaseOrphan': async ({ provider, key }) => done(providers.releaseOrphan(provider, key)),
  };
}

async function done(work: Promise<unknown>): Promise<null> {
  await work;
  return null;
}
