import type { Artifact, RunSummary, Shard } from '../../shared/runs.ts';

/** Which picture stands where: places are fixed, so that nothing moves while a run fills up. Pure. */

type Thumbnail = RunSummary['thumbnails'][number];

/** A run's strip: one place per shard, in their order; a run of one shard shows its pictures one after the other. */
export function slotsOf(run: RunSummary, most: number): readonly (Thumbnail | null)[] {
  if (run.shardCount <= 1) {
    const pictures = run.thumbnails.slice(0, most);
    return pictures.length === 0 ? [null] : pictures;
  }
  const slots: (Thumbnail | null)[] = new Array(Math.min(run.shardCount, most)).fill(null);
  for (const thumbnail of run.thumbnails) {
    if (slots[thumbnail.shard] === null) slots[thumbnail.shard] = thumbnail;
  }
  return slots;
}

export interface Tile {
  readonly shard: Shard;
  /** Its first file worth showing. */
  readonly artifact: Artifact | null;
  /** Further files of it. */
  readonly further: number;
}

/** @param most shards shown; the table has all of them */
export function tilesOf(
  shards: readonly Shard[],
  artifacts: readonly Artifact[],
  most: number,
): readonly Tile[] {
  const byShard = new Map<string, Artifact[]>();
  for (const artifact of artifacts) {
    const key = `${artifact.stage}:${artifact.shard}`;
    const known = byShard.get(key);
    if (known === undefined) byShard.set(key, [artifact]);
    else known.push(artifact);
  }
  return shards.slice(0, most).map((shard) => {
    const own = byShard.get(`${shard.stage}:${shard.index}`) ?? [];
    // A file of a save node says more than a preview of the way there.
    const artifact = own.find((file) => !file.preview && file.kind === 'image') ?? own[0] ?? null;
    return { shard, artifact, further: Math.max(0, own.length - 1) };
  });
}
