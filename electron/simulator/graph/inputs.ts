import type { Model, Scalar, Value } from './values.ts';

type Objects = Exclude<Value, Scalar>;
type Kinds = {
  readonly [K in Objects['kind']]: K extends Model['kind'] ? Model : Extract<Objects, { readonly kind: K }>;
};

/** The resolved inputs of one node: validation has checked types already, so a mismatch here is a defect. */
export class NodeInputs {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
  }

  integer(name: string): number {
    return Math.trunc(Number(this.#values.get(name)));
  }

  /** All digits, also of what a double would round. */
  whole(name: string): number | bigint {
    const value = this.#values.get(name);
    return typeof value === 'bigint' ? value : this.integer(name);
  }

  number(name: string): number {
    return Number(this.#values.get(name));
  }

  text(name: string): string {
    return String(this.#values.get(name));
  }

  flag(name: string): boolean {
    return Boolean(this.#values.get(name));
  }

  linked<K extends keyof Kinds>(name: string, kind: K): Kinds[K] {
    const value = this.optional(name, kind);
    if (value === null) throw new Error(`Input ${name} is not linked to a ${kind}.`);
    return value;
  }

  optional<K extends keyof Kinds>(name: string, kind: K): Kinds[K] | null {
    const value = this.#values.get(name);
    return value !== undefined && isKind(value, kind) ? value : null;
  }

  /** For error reports: what ComfyUI's format_value makes of the inputs. */
  formatted(): Record<string, unknown[]> {
    return Object.fromEntries(
      [...this.#values].map(([name, value]) => [
        name,
        [typeof value === 'object' ? `<${value.kind}>` : value],
      ]),
    );
  }
}

function isKind<K extends keyof Kinds>(value: Value, kind: K): value is Kinds[K] & Objects {
  return typeof value === 'object' && value.kind === kind;
}
