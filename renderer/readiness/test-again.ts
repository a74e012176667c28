import type { InstanceSnapshot } from '../../shared/model.ts';
import { ladderWords } from '../../shared/readiness-words.ts';
import { failedRung } from '../../shared/remote.ts';
import { runCommand, type Services } from '../store/services.ts';

/** Climbs a worker's ladder again; its card follows, and a toast tells how it ended. */
export async function testAgain(services: Services, instance: InstanceSnapshot): Promise<void> {
  const readiness = await runCommand(services, 'remote.climb', { id: instance.id });
  if (readiness === null) return;
  const failed = failedRung(readiness);
  const state = failed === null ? null : readiness.rungs[failed];
  services.toasts.getState().show({
    level: failed === null ? 'success' : 'error',
    title: `${instance.name}: ${ladderWords(readiness).word}`,
    detail: state?.status === 'failed' ? state.detail : null,
  });
}
