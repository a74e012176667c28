import type { ApiPrompt } from '../../../../electron/core/comfy/prompt.ts';
import { stringifyExact } from '../../../../electron/core/exact-json.ts';
import { type ReadWorkflow, readWorkflow } from '../../../../electron/core/graph/read-workflow.ts';
import type { TextSources } from '../../../../electron/core/graph/ui-format/text.ts';
import { CATALOG } from './catalog.ts';

/** Workflows as the ComfyUI page saves them, written by hand. */

interface InputOptions {
  readonly link?: number;
  readonly widget?: boolean;
}

interface NodeOptions {
  readonly title?: string;
  readonly mode?: number;
  readonly inputs?: readonly (readonly [name: string, type: string, options?: InputOptions])[];
  readonly outputs?: readonly string[];
  readonly values?: unknown;
  readonly named?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export type Json = Readonly<Record<string, unknown>>;

export function node(id: number, type: string, options: NodeOptions = {}): Json {
  const inputs = (options.inputs ?? []).map(([name, inputType, more = {}]) => ({
    name,
    type: inputType,
    link: more.link ?? null,
    ...(more.widget ? { widget: { name } } : {}),
  }));
  return {
    id,
    type,
    mode: options.mode ?? 0,
    inputs,
    outputs: (options.outputs ?? []).map((output) => ({ name: output, type: output })),
    ...(options.title === undefined ? {} : { title: options.title }),
    ...(options.values === undefined ? {} : { widgets_values: options.values }),
    ...(options.named === undefined ? {} : { widgets_values_named: options.named }),
    properties: options.properties ?? {},
  };
}

/** Links as `[id, origin, slot, target, slot]`, written as the file does outside of subgraphs. */
export type LinkTuple = readonly [number, number, number, number, number];

export function workflow(
  nodes: readonly Json[],
  links: readonly LinkTuple[] = [],
  subgraphs: readonly Json[] = [],
): Json {
  return {
    version: 0.4,
    nodes,
    links: links.map((link) => [...link, '*']),
    ...(subgraphs.length > 0 ? { definitions: { subgraphs } } : {}),
  };
}

export function subgraph(
  id: string,
  nodes: readonly Json[],
  links: readonly LinkTuple[],
  ports: {
    readonly inputs?: readonly (readonly [string, string])[];
    readonly outputs?: readonly (readonly [string, string])[];
  },
): Json {
  const named = (
    list: readonly (readonly [string, string])[] = [],
    of: (slot: number) => readonly number[],
  ) => list.map(([name, type], slot) => ({ name, type, linkIds: of(slot) }));
  const linksAt = (end: 1 | 3, ioNode: number) => (slot: number) =>
    links.filter((link) => link[end] === ioNode && link[end === 1 ? 2 : 4] === slot).map(([link]) => link);
  return {
    id,
    name: id,
    nodes,
    links: links.map(([link, origin, originSlot, target, targetSlot]) => ({
      ...{ id: link, origin_id: origin, origin_slot: originSlot },
      ...{ target_id: target, target_slot: targetSlot, type: '*' },
    })),
    inputs: named(ports.inputs, linksAt(1, -10)),
    outputs: named(ports.outputs, linksAt(3, -20)),
  };
}

export function read(ui: Json, sources: TextSources = {}): ReadWorkflow {
  return readWorkflow(stringifyExact(ui), CATALOG, sources);
}

export function convert(ui: Json, sources: TextSources = {}): ApiPrompt {
  return read(ui, sources).prompt;
}

/** Inputs of one node of the converted workflow. */
export function inputsOf(ui: Json, id: string): Readonly<Record<string, unknown>> {
  return convert(ui)[id]?.inputs ?? {};
}

/** Ids that links name and no node has. */
export function openLinks(prompt: ApiPrompt): readonly string[] {
  const links = Object.values(prompt).flatMap((one) => Object.values(one.inputs).filter(Array.isArray));
  return links.map(([id]) => String(id)).filter((id) => !Object.hasOwn(prompt, id));
}
