import { createHash } from 'node:crypto';
import type { Catalog } from '../nodes/catalog.ts';
import type { ServerOptions } from '../options.ts';
import { toJson } from './exact-json.ts';
import { isLink, type Prompt } from './values.ts';

/** Cache keys of a prompt's nodes: class, literals, and the keys of everything upstream. */
export class Signatures {
  readonly #known = new Map<string, string>();

  constructor(
    readonly prompt: Prompt,
    readonly catalog: Catalog,
    readonly options: ServerOptions,
  ) {}

  of(id: string): string {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    // A cycle among nodes that no output needs passes validation: the placeholder ends it.
    this.#known.set(id, 'cycle');
    const node = this.prompt[id];
    const inputs = Object.entries(node?.inputs ?? {})
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => [name, isLink(value) ? [this.of(value[0]), value[1]] : value]);
    const fingerprint =
      this.catalog.get(node?.class_type ?? '')?.fingerprint?.(node?.inputs ?? {}, this.options) ?? '';
    const signature = createHash('sha256')
      .update(toJson([node?.class_type, inputs, fingerprint]))
      .digest('hex');
    this.#known.set(id, signature);
    return signature;
  }
}
