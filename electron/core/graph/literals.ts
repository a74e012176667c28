import { MODEL_NAME, SEED } from './distributed-nodes.ts';
import { isLink, type Nodes } from './node-graph.ts';

/** Literals, also where they come through a node that only holds one. */

export const SEED_LIMIT = 2n ** 64n;

/** Nodes that are nothing but a number or a text in a box of its own. */
const HOLDER = /primitive|constant|literal|\bint\b|integer|seed/i;
const HELD = ['value', 'seed', 'int', 'noise_seed', 'number', 'string', 'text'] as const;

/** @returns the literal, or the node at which it is lost */
export function literalBehind(
  nodes: Nodes,
  value: unknown,
): { readonly literal: unknown } | { readonly lostAt: string } {
  let at = value;
  const seen = new Set<string>();
  while (isLink(at)) {
    const [id] = at;
    const node = nodes.get(id);
    const input = node === undefined || seen.has(id) ? null : heldInput(node.class_type, node.inputs);
    if (node === undefined || input === null) return { lostAt: id };
    seen.add(id);
    at = node.inputs[input];
  }
  return { literal: at };
}

/** A whole number ≥ 0 and < 2^64, else null. Doubles beyond 2^53 are refused: they were rounded on their way. */
export function seedOf(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value >= 0n && value < SEED_LIMIT ? value : null;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : null;
}

/** Whole numbers that fit. */
export function smallInteger(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** A number where a double holds it, as the JSON reader gives it too. */
export function exactInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Seed of shard k: counts on from 0 behind 2^64 − 1. */
export function offsetSeed(base: bigint, shard: number): number | bigint {
  return exactInteger((base + BigInt(shard)) % SEED_LIMIT);
}

function heldInput(className: string, inputs: Readonly<Record<string, unknown>>): string | null {
  if (className === SEED) return 'seed';
  if (className === MODEL_NAME) return 'text';
  if (!HOLDER.test(className)) return null;
  return HELD.find((input) => Object.hasOwn(inputs, input)) ?? null;
}
