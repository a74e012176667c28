import { BROKEN, RARE } from '../../support/chaos-nodes.ts';
import type { Dice } from './dice.ts';

/** What a seed means: a fleet, some runs, and what goes wrong when. Times are ms after the first submission. */

export type Fault =
  | { readonly kind: 'die'; readonly backAfter: number }
  | { readonly kind: 'hang'; readonly wakeAfter: number }
  | { readonly kind: 'garbage'; readonly for: number }
  | { readonly kind: 'drop-messages'; readonly for: number }
  | { readonly kind: 'duplicate-messages' }
  | { readonly kind: 'lose-history' }
  | { readonly kind: 'forget-queue' }
  | { readonly kind: 'cut-downloads'; readonly times: number }
  | { readonly kind: 'refuse-uploads'; readonly times: number };

export type ChaosEvent =
  | { readonly at: number; readonly what: 'fault'; readonly server: number; readonly fault: Fault }
  | { readonly at: number; readonly what: 'cancel'; readonly run: number }
  | { readonly at: number; readonly what: 'pause' | 'resume' | 'restart' };

export interface ChaosRun {
  readonly seed: bigint;
  readonly copies: number;
  readonly steps: number;
  readonly node: null | typeof BROKEN | typeof RARE;
  readonly secondStage: boolean;
}

export interface Schedule {
  readonly seed: number;
  readonly servers: readonly { readonly stepMs: number; readonly lacks: readonly string[] }[];
  readonly runs: readonly ChaosRun[];
  /** In order. The last server is never touched. */
  readonly events: readonly ChaosEvent[];
}

const SPAN_MS = 700;

export function rollSchedule(dice: Dice): Schedule {
  const count = dice.between(2, 4);
  const servers = Array.from({ length: count }, (_, index) => ({
    stepMs: dice.between(2, 9),
    lacks: index < count - 1 && dice.chance(0.2) ? [RARE] : [],
  }));
  const runs = Array.from({ length: dice.between(1, 3) }, () => rollRun(dice));
  const events: ChaosEvent[] = Array.from({ length: dice.between(1, 5) }, () => ({
    at: dice.between(0, SPAN_MS),
    what: 'fault',
    server: dice.between(0, count - 2),
    fault: rollFault(dice),
  }));
  if (dice.chance(0.15)) {
    events.push({ at: dice.between(0, SPAN_MS), what: 'cancel', run: dice.between(0, runs.length - 1) });
  }
  if (dice.chance(0.2)) {
    const at = dice.between(0, SPAN_MS);
    events.push({ at, what: 'pause' }, { at: at + dice.between(50, 400), what: 'resume' });
  }
  for (let restarts = dice.chance(0.3) ? dice.between(1, 2) : 0; restarts > 0; restarts -= 1) {
    events.push({ at: dice.between(30, SPAN_MS), what: 'restart' });
  }
  return { seed: dice.seed, servers, runs, events: events.sort((a, b) => a.at - b.at) };
}

function rollRun(dice: Dice): ChaosRun {
  return {
    seed: BigInt(dice.between(0, 0xffffff)),
    copies: dice.between(1, 8),
    steps: dice.between(2, 12),
    node: dice.chance(0.08) ? BROKEN : dice.chance(0.2) ? RARE : null,
    secondStage: dice.chance(0.35),
  };
}

function rollFault(dice: Dice): Fault {
  switch (dice.between(0, 9)) {
    case 0:
    case 1:
      return { kind: 'die', backAfter: dice.between(30, 900) };
    case 2:
      // Longer ones are found by the pings, which takes more than five seconds.
      return { kind: 'hang', wakeAfter: dice.chance(0.15) ? 9_000 : dice.between(50, 1_500) };
    case 3:
      return { kind: 'garbage', for: dice.between(50, 1_500) };
    case 4:
      return { kind: 'drop-messages', for: dice.between(50, 2_000) };
    case 5:
      return { kind: 'duplicate-messages' };
    case 6:
      return { kind: 'lose-history' };
    case 7:
      return { kind: 'forget-queue' };
    case 8:
      return { kind: 'cut-downloads', times: dice.between(1, 3) };
    default:
      return { kind: 'refuse-uploads', times: dice.between(1, 2) };
  }
}

/** A workflow as a person would have it. */
export function workflowOf({ seed, steps, node, secondStage }: ChaosRun): string {
  const made = node === null ? ['sample', 0] : ['special', 0];
  const graph = {
    seed: { class_type: 'DistributedSeed', inputs: { seed: Number(seed) } },
    sample: { class_type: 'ChaosSampler', inputs: { seed: ['seed', 0], steps } },
    ...(node === null ? {} : { special: { class_type: node, inputs: { images: ['sample', 0] } } }),
    collect: { class_type: 'DistributedCollector', inputs: { images: made, load_balance: false } },
    save: { class_type: 'SaveImage', inputs: { images: ['collect', 0], filename_prefix: 'made' } },
    ...(secondStage
      ? {
          invert: { class_type: 'ImageInvert', inputs: { image: ['collect', 0] } },
          save2: { class_type: 'SaveImage', inputs: { images: ['invert', 0], filename_prefix: 'inverted' } },
        }
      : {}),
  };
  return JSON.stringify(graph);
}
