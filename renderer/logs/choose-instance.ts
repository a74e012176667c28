import type { InstanceId, InstanceSnapshot } from '../../shared/model.ts';

/** Whose log is shown: the one that was asked for, else one that failed, else the first. */
export function chooseInstance(
  instances: readonly InstanceSnapshot[],
  wanted: InstanceId | null,
): InstanceSnapshot | null {
  const asked = instances.find((instance) => instance.id === wanted);
  const failed = instances.find((instance) => instance.process.status === 'failed');
  return asked ?? failed ?? instances[0] ?? null;
}
