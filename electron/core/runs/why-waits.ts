import type { SkipKind, SkipReason } from '../scheduler/reasons.ts';

/** Why a run waits, as one sentence for people. Pure. */

export interface WaitFacts {
  readonly paused: boolean;
  /** Runs with waiting shards that stand before it. */
  readonly ahead: number;
  /** Why its next shard is on none of the instances. */
  readonly skipped: readonly NamedSkip[];
}

export interface NamedSkip extends Omit<SkipReason, 'worker'> {
  /** What people call the instance. */
  readonly name: string;
}

const FREE_ONE_DAY: readonly SkipKind[] = ['busy', 'held', 'behind'];
const OUT: readonly SkipKind[] = ['barred', 'unusable'];
/** Names of one reason, and reasons of one sentence, that are told; the others are counted. */
const MOST_TOLD = 3;

export function whyItWaits({ paused, ahead, skipped }: WaitFacts): string {
  if (paused) return 'The queue is paused.';
  const able = skipped.filter(({ kind }) => FREE_ONE_DAY.includes(kind));
  const out = skipped.filter(({ kind }) => OUT.includes(kind));
  const others = out.length === 0 ? '' : ` (${listed(out)})`;
  const [only] = able;
  if (only === undefined) {
    return out.length === 0 ? 'Nobody who takes part is there now.' : `Nobody can take it now${others}.`;
  }
  const held = able.find(({ kind }) => kind === 'held');
  if (held !== undefined) return `${held.name} is free, but ${inside(held.reason)}.`;
  const behind =
    ahead === 0 ? '' : `, and ${ahead === 1 ? 'an earlier run goes' : `${ahead} earlier runs go`} first`;
  if (able.some(({ kind }) => kind === 'behind')) return 'Other waiting work goes first.';
  if (able.length > 1) return `All ${able.length} that can take it are busy${others}${behind}.`;
  return `Waits for ${only.name}, which ${inside(only.reason)}${others}${behind}.`;
}

/** "Worker 1, Worker 2: has no model x.safetensors; Master: stopped" */
function listed(out: readonly NamedSkip[]): string {
  const names = new Map<string, string[]>();
  for (const { name, reason } of out) {
    const words = inside(reason);
    names.set(words, [...(names.get(words) ?? []), name]);
  }
  const groups = [...names].map(([words, of]) => `${shortened(of, ', ')}: ${words}`);
  return shortened(groups, '; ');
}

function shortened(parts: readonly string[], separator: string): string {
  const told = parts.slice(0, MOST_TOLD).join(separator);
  return parts.length <= MOST_TOLD ? told : `${told}${separator}${parts.length - MOST_TOLD} more`;
}

/** A sentence as part of another one. */
function inside(sentence: string): string {
  const bare = sentence.replace(/\.$/, '');
  return bare.charAt(0).toLowerCase() + bare.slice(1);
}
