import type { InstanceId } from '../../../shared/model.ts';
import type { PlanKind } from '../../../shared/runs.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';

/**
 * What a graph compiles to. Plain data: printable, diffable, and small for 100,000 shards, because shards share templates
 * and say only what they have of their own. Numbers beyond 2^53 are bigint everywhere in a prompt.
 */

export interface Participant {
  readonly id: InstanceId;
  readonly name: string;
  readonly role: 'master' | 'worker';
}

export interface CompileRequest {
  /** Already converted from UI format, overrides applied. */
  readonly prompt: ApiPrompt;
  /** In order: the master first when it takes part. At least one. */
  readonly participants: readonly Participant[];
  /** Number of shards; null = as the graph asks (one per participant when distributed or split, else one). */
  readonly copies: number | null;
  readonly splitBatch: boolean;
  /** Sizes in pixels of the pictures that the prompt loads, by node; only tiles need them. */
  readonly pictures: Readonly<Record<string, { readonly width: number; readonly height: number }>>;
}

export interface Plan {
  readonly kind: PlanKind;
  readonly templates: readonly Template[];
  readonly shards: readonly ShardPlan[];
  readonly secondStage: SecondStage | null;
  /** Literals that are base + k in shard k, by the ids of the user's own graph. */
  readonly seeds: readonly SeedInput[];
  /** What people call the nodes of their own graph that seeds and results refer to: some are compiled away. */
  readonly titles: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export interface SeedInput {
  readonly nodeId: string;
  readonly input: string;
  readonly base: bigint;
}

/** The graph that some shards have in common, ready to be sent but for the shards' own literals. */
export interface Template {
  readonly prompt: ApiPrompt;
  readonly outputs: readonly ShardOutput[];
}

/** A node of a shard's prompt whose files come home. */
export interface ShardOutput {
  /** In the shard's prompt. */
  readonly nodeId: string;
  /** As what its files are kept; empty when they are only gathered. */
  readonly results: readonly ResultTarget[];
  /** Which collectors' second-stage input they are part of. */
  readonly gathers: readonly Gather[];
}

export interface ResultTarget {
  /** Node of the user's graph that would have saved it. */
  readonly nodeId: string;
  /** The user's own filename_prefix; null for previews and for nodes that name their files themselves. */
  readonly prefix: string | null;
  readonly preview: boolean;
}

export interface Gather {
  /** Id of the collector in the user's graph (or of the synthetic one). */
  readonly collector: string;
  readonly channel: 'images' | 'audio';
}

export interface ShardPlan {
  readonly index: number;
  /** Index into `templates`. */
  readonly template: number;
  /** Literals that replace the template's. */
  readonly literals: readonly Literal[];
  /** Seed that people know this shard by: the first of `seeds`, offset; null when the graph has none. */
  readonly seed: bigint | null;
  /** Batch split: which pictures of the whole batch. */
  readonly slice: { readonly first: number; readonly count: number } | null;
}

export interface Literal {
  readonly nodeId: string;
  readonly input: string;
  readonly value: unknown;
}

/** What the master does with the gathered files. Compiled to a prompt by compileSecondStage once they are here. */
export interface SecondStage {
  /** Everything that the remaining outputs need; links to `collectors` are still in it. */
  readonly prompt: ApiPrompt;
  readonly gathers: readonly Gather[];
  readonly outputs: readonly ShardOutput[];
}

/** The gathered files as the second stage's server has them in its input folder. */
export interface Gathered {
  readonly collector: string;
  readonly channel: 'images' | 'audio';
  readonly files: readonly GatheredFile[];
}

export interface GatheredFile {
  /** What LoadImage or LoadAudio is given, e.g. "ensemble/ab12.png". */
  readonly name: string;
  /** Pictures in an (animated) PNG, in order; 1 for audio. */
  readonly frames: number;
  /** Audio only, seconds. */
  readonly seconds: number | null;
}
