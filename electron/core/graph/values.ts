import { parseExact } from '../exact-json.ts';
import { isRecord } from '../plain-data.ts';
import { badNode, describeNode } from './graph-errors.ts';
import { exactInteger, literalBehind } from './literals.ts';
import type { Nodes } from './node-graph.ts';

/** DistributedValue: a default, and other values for some shards, all of one type. */

/** @returns the value of shard k; throws EnsembleError('bad-argument') naming node, key and value */
export function readDistributedValue(nodes: Nodes, id: string): (shard: number) => unknown {
  const inputs = nodes.get(id)?.inputs ?? {};
  const values = readValues(nodes, id, inputs['worker_values']);
  const type = typeof values['_type'] === 'string' ? values['_type'] : 'STRING';
  const base = literalBehind(nodes, inputs['default_value'] ?? '');
  if ('lostAt' in base) {
    throw badNode(
      id,
      'default_value',
      `${describeNode(nodes, id)} takes its default from ${describeNode(nodes, base.lostAt)}, whose value is only known on a server.`,
      'Write the value into the node itself.',
    );
  }
  const standard = convert(nodes, id, 'default_value', base.literal, type);
  const own = new Map<number, unknown>();
  for (const [key, value] of Object.entries(values)) {
    if (key.startsWith('_') || value === '' || value === null) continue;
    if (/^\d+$/.test(key)) own.set(Number(key), convert(nodes, id, key, value, type));
  }
  // Shard 0 has the default, whoever computes it: keys count from 1.
  return (shard) => (shard > 0 && own.has(shard) ? own.get(shard) : standard);
}

function readValues(nodes: Nodes, id: string, raw: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(raw)) return raw;
  const found = literalBehind(nodes, raw);
  const text = 'literal' in found ? (found.literal ?? '') : found;
  if (typeof text === 'string' && text.trim() === '') return {};
  try {
    const values: unknown = typeof text === 'string' ? parseExact(text) : text;
    if (isRecord(values) && !('lostAt' in values)) return values;
  } catch {
    // Said below, as for any other text that is no object.
  }
  throw badNode(
    id,
    'worker_values',
    `${describeNode(nodes, id)} has values that are no JSON object: ${excerpt(text)}.`,
    'Write them as {"1": value, "2": value}.',
  );
}

function convert(nodes: Nodes, id: string, key: string, value: unknown, type: string): unknown {
  if (type !== 'INT' && type !== 'FLOAT') return value;
  const number = type === 'INT' ? toInteger(value) : toFloat(value);
  if (number !== null) return number;
  throw badNode(
    id,
    key === 'default_value' ? key : 'worker_values',
    `${describeNode(nodes, id)}: ${key === 'default_value' ? 'the default value' : `value “${key}”`} is ${excerpt(value)}, which is no ${type === 'INT' ? 'whole number' : 'number'}.`,
  );
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Cuts a fraction off, like the int(float(text)) that workflows rely on, but keeps every digit of a whole number. */
function toInteger(value: unknown): number | bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^[+-]?\d+$/.test(value.trim())) {
    return exactInteger(BigInt(value.trim().replace(/^\+/, '')));
  }
  const number = toFloat(value);
  // Adding 0 makes a plain zero of −0.
  return typeof number === 'number' ? Math.trunc(number) + 0 : number;
}

function toFloat(value: unknown): number | bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !NUMBER.test(value.trim())) return null;
  const number = Number(value.trim());
  return Number.isFinite(number) ? number : null;
}

function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, bigintAsText) ?? String(value));
  return `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`;
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
