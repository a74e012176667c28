import type { Artifact, RunDetail, RunSummary, Shard } from '../../../shared/runs.ts';

/** What there was to tell about a run, in the order in which it became known. */
export interface RunFeed {
  run(run: RunSummary): void;
  shard(shard: Shard): void;
  artifact(artifact: Artifact): void;
}

/** One run as snapshots and events tell it; passes on what is new. */
export class RunView {
  #run: RunSummary | null = null;
  readonly #shards = new Map<string, { readonly shard: Shard; readonly text: string }>();
  readonly #artifacts = new Map<string, Artifact>();
  readonly #runId: string;
  readonly #feed: RunFeed;

  constructor(runId: string, feed: RunFeed) {
    this.#runId = runId;
    this.#feed = feed;
  }

  applyDetail({ run, shards, artifacts }: RunDetail): void {
    this.applyRuns([run]);
    this.applyShards(shards);
    for (const artifact of artifacts) this.applyArtifact(artifact);
  }

  applyRuns(runs: readonly RunSummary[]): void {
    for (const run of runs) {
      if (run.id !== this.#runId || (this.#run !== null && run.revision <= this.#run.revision)) continue;
      this.#run = run;
      this.#feed.run(run);
    }
  }

  applyShards(shards: readonly Shard[]): void {
    for (const shard of shards) {
      if (shard.runId !== this.#runId) continue;
      const key = `${shard.stage}/${shard.index}`;
      const text = JSON.stringify(shard);
      if (this.#shards.get(key)?.text === text) continue;
      this.#shards.set(key, { shard, text });
      this.#feed.shard(shard);
    }
  }

  applyArtifact(artifact: Artifact): void {
    if (artifact.runId !== this.#runId || this.#artifacts.has(artifact.id)) return;
    this.#artifacts.set(artifact.id, artifact);
    this.#feed.artifact(artifact);
  }
}
