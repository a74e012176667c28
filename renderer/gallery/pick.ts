import type { Artifact } from '../../shared/runs.ts';

/** Picks or leaves one to compare. At most two: a third takes the place of the one picked first. */
export function togglePick(picked: readonly Artifact[], artifact: Artifact): readonly Artifact[] {
  const others = picked.filter((candidate) => candidate.id !== artifact.id);
  return others.length < picked.length ? others : [...others.slice(-1), artifact];
}
