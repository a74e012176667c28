import type { NodeDefinition } from './definition.ts';

const HUGE = 2n ** 63n - 1n;
const common = {
  category: ['utils/primitive', 'utilities/primitive'],
  module: 'comfy_extras.nodes_primitive',
  v3: 'both',
} as const;

/** One widget, passed on. */
export const PRIMITIVE_NODES: readonly NodeDefinition[] = [
  {
    ...common,
    name: 'PrimitiveInt',
    display: 'Int',
    required: { value: ['INT', { min: -HUGE, max: HUGE, control_after_generate: true }] },
    output: ['INT'],
    run: (inputs) => ({ outputs: [inputs.whole('value')] }),
  },
  {
    ...common,
    name: 'PrimitiveFloat',
    display: 'Float',
    required: { value: ['FLOAT', { min: -HUGE, max: HUGE }] },
    output: ['FLOAT'],
    run: (inputs) => ({ outputs: [inputs.number('value')] }),
  },
  {
    ...common,
    name: 'PrimitiveString',
    display: ['String', 'Text'],
    required: { value: ['STRING', { multiline: false }] },
    output: ['STRING'],
    run: (inputs) => ({ outputs: [inputs.text('value')] }),
  },
  {
    ...common,
    name: 'PrimitiveBoolean',
    display: 'Boolean',
    required: { value: ['BOOLEAN', {}] },
    output: ['BOOLEAN'],
    run: (inputs) => ({ outputs: [inputs.flag('value')] }),
  },
];
