import { createHash } from 'node:crypto';
import type { ApiPrompt } from '../comfy/prompt.ts';
import { withInputs } from './node-graph.ts';
import { prefixOf } from './outputs.ts';
import type { Literal } from './plan.ts';

/**
 * What savers are told to name their files while these are on a server: by the content of the prompt, so that the same
 * shard is the same bytes on every fleet (pictures carry their prompt), and two shards never write over one another, even
 * on servers that share an output folder.
 */

const FOLDER = 'ensemble';

/** Ids of the nodes whose prefix is replaced, in order. */
export function namingNodes(prompt: ApiPrompt): readonly string[] {
  return Object.keys(prompt).filter((id) => {
    const node = prompt[id];
    return node !== undefined && prefixOf(node) !== null;
  });
}

/** 16 hexadecimal digits over the prompt without its prefixes. */
export function hashPrompt(prompt: ApiPrompt, naming: readonly string[]): string {
  const bare = withLiterals(
    prompt,
    naming.map((nodeId) => ({ nodeId, input: 'filename_prefix', value: '' })),
  );
  return shortHash(exactText(bare));
}

/** Hash of one shard: of its template and of what it has of its own. */
export function hashShard(template: string, literals: readonly Literal[]): string {
  return literals.length === 0 ? template : shortHash(template + exactText(literals));
}

export function prefixLiterals(naming: readonly string[], hash: string): readonly Literal[] {
  return naming.map((nodeId, index) => ({
    nodeId,
    input: 'filename_prefix',
    value: `${FOLDER}/${hash}${index === 0 ? '' : `-${index + 1}`}`,
  }));
}

export function withLiterals(prompt: ApiPrompt, literals: readonly Literal[]): ApiPrompt {
  const own = new Map<string, Record<string, unknown>>();
  for (const { nodeId, input, value } of literals) own.set(nodeId, { ...own.get(nodeId), [input]: value });
  const next = { ...prompt };
  for (const [id, inputs] of own) {
    const node = prompt[id];
    if (node !== undefined) next[id] = withInputs(node, inputs);
  }
  return next;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function exactText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // Seeds beyond 2^53, which JSON.stringify refuses. They are rare, and a replacer is slow.
    return JSON.stringify(value, exactNumbers);
  }
}

function exactNumbers(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
