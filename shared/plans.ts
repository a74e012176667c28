import type { InstanceId, MasterMode } from './model.ts';
import type { PlanKind } from './runs.ts';

/** What a run would do, told before it does it. */

export interface PlanParticipant {
  readonly id: InstanceId;
  readonly name: string;
  readonly role: 'master' | 'worker';
  /** Takes part in this run. */
  readonly takesPart: boolean;
  /** Why it does not, or what is off about it ("Stopped", "Has no model dream.safetensors"); null when all is well. */
  readonly reason: string | null;
}

/** A literal that differs from shard to shard. */
export interface PlanSeed {
  readonly nodeId: string;
  /** Title or class. */
  readonly node: string;
  readonly input: string;
  /** Of shard 0; shard k has base + k. */
  readonly base: string;
}

export interface PlanShard {
  readonly index: number;
  /** The first seed of this shard, or null when it has none. */
  readonly seed: string | null;
  /** Pictures of the batch that this shard makes (batch split), first and count. */
  readonly slice: { readonly first: number; readonly count: number } | null;
  /** Other literals that this shard has of its own (DistributedValue). */
  readonly values: readonly { readonly nodeId: string; readonly input: string; readonly value: string }[];
  readonly nodes: number;
}

/** A file that the workflow loads. */
export interface PlanInput {
  readonly nodeId: string;
  /** As the workflow names it, e.g. "photo.png [output]". */
  readonly name: string;
  readonly bytes: number | null;
  readonly missing: boolean;
}

export interface PlanPreview {
  readonly kind: PlanKind;
  readonly mode: MasterMode;
  /** Why this mode, one sentence. */
  readonly modeReason: string;
  readonly participants: readonly PlanParticipant[];
  readonly seeds: readonly PlanSeed[];
  /** At most 200; `shardCount` tells how many there are. */
  readonly shards: readonly PlanShard[];
  readonly shardCount: number;
  /** Titles of the nodes that run on the master once everything is gathered; empty without a second pass. */
  readonly secondStage: readonly string[];
  readonly inputs: readonly PlanInput[];
  readonly warnings: readonly string[];
  /** Why it cannot be run as it is; empty when it can. */
  readonly problems: readonly string[];
  /** Exact JSON of what is sent for each of `shards`: API-format prompts. */
  readonly prompts: readonly string[];
}
