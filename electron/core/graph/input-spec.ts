import { isRecord } from '../plain-data.ts';
import { inputSpec, inputType, type NodeDefinition } from './catalog.ts';

/** One input of a class; those of the chosen option of a dynamic combo have dotted names ("resize_type.width"). */
export interface NamedSpec {
  readonly name: string;
  readonly spec: unknown;
}

const DYNAMIC_COMBO = 'COMFY_DYNAMICCOMBO_V3';

/** The second part of a raw spec: default, range, flags. */
export function specOptions(spec: unknown): Readonly<Record<string, unknown>> {
  const options: unknown = Array.isArray(spec) ? spec[1] : null;
  return isRecord(options) ? options : {};
}

/** What a combo offers, in either version; null for an input that is no combo. */
export function comboValues(spec: unknown): readonly unknown[] | null {
  if (Array.isArray(spec) && Array.isArray(spec[0])) return spec[0];
  const type = inputType(spec);
  const options = specOptions(spec)['options'];
  if (type === DYNAMIC_COMBO) return dynamicOptions(spec).map((option) => option['key']);
  if (type !== 'COMBO') return null;
  return Array.isArray(options) ? options : [];
}

/**
 * All inputs in order. A dynamic combo is followed by the inputs of the option that `chosen` tells, which is asked only after
 * the combo itself has been yielded.
 */
export function* inputSpecs(
  definition: NodeDefinition,
  chosen: (name: string) => unknown,
): Generator<NamedSpec> {
  for (const name of definition.order) yield* expanded(name, inputSpec(definition, name), chosen);
}

function* expanded(name: string, spec: unknown, chosen: (name: string) => unknown): Generator<NamedSpec> {
  yield { name, spec };
  if (inputType(spec) !== DYNAMIC_COMBO) return;
  const key = chosen(name);
  const inputs = dynamicOptions(spec).find((option) => option['key'] === key)?.['inputs'];
  if (!isRecord(inputs)) return;
  for (const group of [inputs['required'], inputs['optional']]) {
    if (!isRecord(group)) continue;
    for (const [inner, innerSpec] of Object.entries(group)) {
      yield* expanded(`${name}.${inner}`, innerSpec, chosen);
    }
  }
}

function dynamicOptions(spec: unknown): readonly Readonly<Record<string, unknown>>[] {
  const options = specOptions(spec)['options'];
  return Array.isArray(options) ? options.filter(isRecord) : [];
}

export function isDynamicCombo(spec: unknown): boolean {
  return inputType(spec) === DYNAMIC_COMBO;
}
