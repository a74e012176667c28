import { messageOf } from '../../../shared/errors.ts';
import type { Notices } from '../notices.ts';
import type { Logger } from '../ports.ts';
import type { Secrets } from '../settings/secrets.ts';
import type { SettingsStore } from '../settings/store.ts';

export interface OldSecretsDeps {
  readonly secrets: Secrets;
  readonly store: SettingsStore;
  readonly notices: Notices;
  readonly logger: Logger;
}

/** Of workers that were removed for good: within one life of the control center a removal can be undone. */
export async function forgetOldSecrets({ secrets, store, notices, logger }: OldSecretsDeps): Promise<void> {
  for (const problem of secrets.problems) notices.add('warning', problem, null);
  // A roster that was mended may lack workers that a copy of it brings back.
  if (store.problems.length > 0) return;
  const known = new Set(store.value.workers.map(({ id }) => id));
  for (const key of secrets.keys.filter((id) => !known.has(id))) {
    await secrets.delete(key).catch((error: unknown) => {
      logger.warn('an old secret could not be removed', { key, reason: messageOf(error) });
    });
  }
}
