import type { PlacementCheck } from '../../../shared/model.ts';

/**
 * Does the child sit on the GPU it was given?
 * @param expected the GPU's UUID, or null when the instance computes on the CPU or on a device we cannot name
 * @param pids the child and its descendants
 * @param processes nvidia-smi's compute processes: pid → GPU UUIDs
 * @returns `pending` while none of the pids is listed: CUDA's context comes with the first use, and a container's
 *   pids are not the host's, so that silence proves nothing
 */
export function checkPlacement(
  expected: string | null,
  pids: ReadonlySet<number>,
  processes: ReadonlyMap<number, readonly string[]>,
): PlacementCheck {
  if (expected === null) return { status: 'not-applicable' };
  const actual = new Set<string>();
  for (const [pid, uuids] of processes) {
    if (pids.has(pid)) for (const uuid of uuids) actual.add(uuid);
  }
  if (actual.size === 0) return { status: 'pending' };
  if (actual.size === 1 && actual.has(expected)) return { status: 'verified', gpuUuid: expected };
  return { status: 'mismatch', expected, actual: [...actual].sort() };
}
