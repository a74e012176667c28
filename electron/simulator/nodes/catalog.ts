import { AUDIO_NODES } from './audio-nodes.ts';
import { CORE_NODES } from './core-nodes.ts';
import { CUSTOM_SAMPLING_NODES } from './custom-sampling-nodes.ts';
import type { InputSpec, ListContext, NodeDefinition } from './definition.ts';
import { IMAGE_NODES } from './image-nodes.ts';
import { LATENT_NODES } from './latent-nodes.ts';
import { LOADER_NODES } from './loader-nodes.ts';
import { MASK_NODES } from './mask-nodes.ts';
import { OTHER_LOADERS } from './other-loaders.ts';
import { PRIMITIVE_NODES } from './primitive-nodes.ts';

export type Catalog = ReadonlyMap<string, NodeDefinition>;
export const CATALOG: Catalog = new Map(
  [
    ...CORE_NODES,
    ...LOADER_NODES,
    ...OTHER_LOADERS,
    ...LATENT_NODES,
    ...CUSTOM_SAMPLING_NODES,
    ...IMAGE_NODES,
    ...MASK_NODES,
    ...AUDIO_NODES,
    ...PRIMITIVE_NODES,
  ].map((definition) => [definition.name, definition]),
);

/** What a server offers that lacks some classes. */
export function catalogWithout(missing: readonly string[]): Catalog {
  return missing.length === 0 ? CATALOG : new Map([...CATALOG].filter(([name]) => !missing.includes(name)));
}

/** Output types of a class in this version. */
export function outputsOf(definition: NodeDefinition, legacy: boolean): readonly string[] {
  return legacy ? definition.output : (definition.outputNew ?? definition.output);
}

/** [type or list, options] with lists read now. */
export function resolveInput(
  spec: InputSpec,
  lists: ListContext,
  legacy: boolean,
): readonly [string | readonly string[], Readonly<Record<string, unknown>>] {
  const type = typeof spec[0] === 'function' ? spec[0](lists) : spec[0];
  return [type, { ...spec[1], ...(legacy ? {} : spec[2]) }];
}

/** One entry of /object_info as this version writes it. */
export function objectInfo(
  definition: NodeDefinition,
  legacy: boolean,
  lists: ListContext,
): Record<string, unknown> {
  const v3 = definition.v3 === 'both' || (definition.v3 === 'new' && !legacy);
  const output = outputsOf(definition, legacy);
  const hidden = definition.outputNode
    ? {
        hidden: v3
          ? { prompt: ['PROMPT'], extra_pnginfo: ['EXTRA_PNGINFO'] }
          : { prompt: 'PROMPT', extra_pnginfo: 'EXTRA_PNGINFO' },
      }
    : {};
  const optional = definition.optional === undefined ? {} : { optional: definition.optional };
  const groups = { required: definition.required, ...optional };
  const input = Object.fromEntries(
    Object.entries(groups).map(([group, specs]) => [group, renderInputs(specs, v3, lists, legacy)]),
  );
  const order = Object.fromEntries(
    Object.entries({ ...groups, ...hidden }).map(([group, specs]) => [group, Object.keys(specs)]),
  );
  return {
    input: { ...input, ...hidden },
    input_order: order,
    ...(legacy ? {} : { is_input_list: false }),
    output,
    output_is_list: output.map(() => false),
    output_name: output.length === 0 ? [] : (definition.outputNames ?? output),
    name: definition.name,
    display_name: inVersion(definition.display, legacy),
    description: '',
    python_module: definition.module ?? 'nodes',
    category: inVersion(definition.category, legacy),
    output_node: definition.outputNode ?? false,
    ...versionFields(definition, legacy, v3, output),
  };
}

function versionFields(
  definition: NodeDefinition,
  legacy: boolean,
  v3: boolean,
  output: readonly string[],
): object {
  const deprecated = !legacy && (definition.deprecatedInNew ?? false);
  const schema = {
    output_tooltips: output.map(() => null),
    deprecated,
    experimental: false,
    api_node: false,
  };
  if (legacy) return v3 ? schema : {};
  if (v3)
    return {
      ...schema,
      dev_only: false,
      price_badge: null,
      search_aliases: [],
      has_intermediate_output: false,
    };
  return { has_intermediate_output: false, search_aliases: [], ...(deprecated ? { deprecated } : {}) };
}

function renderInputs(
  specs: Readonly<Record<string, InputSpec>>,
  v3: boolean,
  lists: ListContext,
  legacy: boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const [type, options] = resolveInput(spec, lists, legacy);
      if (v3 && typeof type !== 'string')
        return [name, ['COMBO', { multiselect: false, options: type, ...options }]];
      return [name, spec[1] === undefined && !v3 ? [type] : [type, options]];
    }),
  );
}

function inVersion(value: string | readonly [string, string | null], legacy: boolean): string | null {
  return typeof value === 'string' ? value : value[legacy ? 0 : 1];
}
