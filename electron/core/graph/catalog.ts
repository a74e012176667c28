import { isRecord } from '../plain-data.ts';

/** What a server says about its node classes (/object_info), read tolerantly: old (V1) and new (V3) servers differ. */

export interface NodeCatalog {
  /** @returns null when the server has no such class */
  find(className: string): NodeDefinition | null;
}

export interface NodeDefinition {
  readonly className: string;
  readonly displayName: string;
  readonly input: {
    /** Raw specs by input name: `["INT", {…}]`, V1 combos `[["a", "b"], {…}]`, V3 combos `["COMBO", {options: […]}]`. */
    readonly required: Readonly<Record<string, unknown>>;
    readonly optional: Readonly<Record<string, unknown>>;
  };
  /** Names of all inputs, required ones first, in the order in which the server lists them. */
  readonly order: readonly string[];
  /** Types of the outputs; "COMBO" for a list of choices. */
  readonly output: readonly string[];
  readonly outputNode: boolean;
}

/** A server that says nothing about its classes. */
export const EMPTY_CATALOG: NodeCatalog = { find: () => null };

/** Reads the answer of /object_info. Definitions that make no sense are left out; each is read when it is asked for. */
export function readCatalog(objectInfo: unknown): NodeCatalog {
  const raw = isRecord(objectInfo) ? objectInfo : {};
  const known = new Map<string, NodeDefinition | null>();
  return {
    find: (className) => {
      const before = known.get(className);
      if (before !== undefined) return before;
      const info = Object.hasOwn(raw, className) ? raw[className] : null;
      const definition = isRecord(info) ? readDefinition(className, info) : null;
      known.set(className, definition);
      return definition;
    },
  };
}

/** Type of an input's raw spec, "COMBO" for a list of choices in either version; null when the spec makes no sense. */
export function inputType(spec: unknown): string | null {
  const type: unknown = Array.isArray(spec) ? spec[0] : spec;
  return typeName(type);
}

/** Raw spec of one input, required or optional; null when the class has no such input. */
export function inputSpec(definition: NodeDefinition, input: string): unknown {
  const { required, optional } = definition.input;
  if (Object.hasOwn(required, input)) return required[input];
  return Object.hasOwn(optional, input) ? optional[input] : null;
}

function readDefinition(className: string, info: Readonly<Record<string, unknown>>): NodeDefinition {
  const input = isRecord(info['input']) ? info['input'] : {};
  const required = isRecord(input['required']) ? input['required'] : {};
  const optional = isRecord(input['optional']) ? input['optional'] : {};
  const order = isRecord(info['input_order']) ? info['input_order'] : {};
  const output: readonly unknown[] = Array.isArray(info['output']) ? info['output'] : [];
  const displayName = info['display_name'];
  return {
    className,
    displayName: typeof displayName === 'string' && displayName !== '' ? displayName : className,
    input: { required, optional },
    order: [...namesOf(required, order['required']), ...namesOf(optional, order['optional'])],
    output: output.map((type) => typeName(type) ?? '*'),
    outputNode: info['output_node'] === true,
  };
}

/** The listed order where the server gives one, completed by what it forgot. */
function namesOf(specs: Readonly<Record<string, unknown>>, order: unknown): readonly string[] {
  const listed: readonly unknown[] = Array.isArray(order) ? order : [];
  const names = listed.filter(
    (name): name is string => typeof name === 'string' && Object.hasOwn(specs, name),
  );
  return [...new Set([...names, ...Object.keys(specs)])];
}

function typeName(type: unknown): string | null {
  if (Array.isArray(type)) return 'COMBO';
  return typeof type === 'string' ? type : null;
}
