import type { ApiNode, ApiPrompt } from '../../comfy/prompt.ts';
import { inputType, type NodeCatalog, type NodeDefinition } from '../../graph/catalog.ts';
import { isCollector } from '../../graph/distributed-nodes.ts';
import { inputSpecs } from '../../graph/input-spec.ts';
import { isLink, usedOf } from '../../graph/node-graph.ts';
import { configOf, problemOf } from './check-value.ts';
import {
  failedOutputs,
  missingInput,
  missingLinkedNode,
  NO_OUTPUTS,
  type NodeErrors,
  type NodeProblems,
  type Problem,
  type Refusal,
  unknownNode,
} from './problems.ts';
import { pythonRepr } from './python-words.ts';

/**
 * Judges a prompt as ComfyUI would, by the definitions of its classes: bad outputs are dropped and named, good ones run, an
 * unknown class refuses it all. What definitions do not tell (a node's own checks) is let pass. Pure.
 */

export interface Judged {
  /** Output nodes that may run, in the order of the prompt. */
  readonly outputs: readonly string[];
  readonly nodeErrors: NodeErrors;
}

export interface Judging {
  /** Our distributed classes included. */
  readonly catalog: NodeCatalog;
  /** The master is a 0.3: it words a few things differently. */
  readonly legacy: boolean;
  /** Problems that something else has found, by node. */
  readonly known: ReadonlyMap<string, readonly Problem[]>;
}

/** @param targets only these outputs; null = all */
export function judgePrompt(
  prompt: ApiPrompt,
  targets: readonly string[] | null,
  judging: Judging,
): Judged | Refusal {
  const used = usedOf(new Map(Object.entries(prompt)), Object.keys(prompt));
  const outputs: string[] = [];
  for (const [id, node] of Object.entries(prompt)) {
    const definition = judging.catalog.find(node.class_type);
    if (definition === null) return unknownNode(id, node, judging.legacy);
    // A collector that nothing follows shows what it collects.
    const shows = definition.outputNode || (isCollector(node) && !used.has(id));
    if (shows && (targets === null || targets.includes(id))) outputs.push(id);
  }
  return outputs.length === 0 ? NO_OUTPUTS : judgeOutputs(prompt, outputs, judging);
}

function judgeOutputs(prompt: ApiPrompt, outputs: readonly string[], judging: Judging): Judged | Refusal {
  const walk = new Walk(prompt, judging);
  const good = outputs.filter((id) => walk.isGood(id));
  const bad = outputs.filter((id) => !walk.isGood(id));
  const errors: Record<string, NodeProblems> = {};
  for (const output of bad) {
    for (const id of walk.culprits(output)) {
      const before = errors[id]?.dependent_outputs ?? [];
      errors[id] = {
        errors: walk.problemsOf(id),
        dependent_outputs: [...before, output],
        class_type: prompt[id]?.class_type ?? '',
      };
    }
  }
  if (good.length > 0) return { outputs: good, nodeErrors: errors };
  return failedOutputs(
    bad.flatMap((id) => walk.problemsOf(id)),
    errors,
  );
}

class Walk {
  readonly #problems = new Map<string, readonly Problem[]>();
  readonly #good = new Map<string, boolean>();

  constructor(
    private readonly prompt: ApiPrompt,
    private readonly judging: Judging,
  ) {}

  /** Nothing is wrong with the node nor with all that it needs. A circle is the compiler's to tell. */
  isGood(id: string): boolean {
    const known = this.#good.get(id);
    if (known !== undefined) return known;
    const good = this.culprits(id).length === 0;
    this.#good.set(id, good);
    return good;
  }

  /** Nodes with problems among the node and all that it needs, what is furthest away first. */
  culprits(id: string): readonly string[] {
    const seen = new Set<string>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      for (const value of Object.values(this.prompt[next]?.inputs ?? {})) {
        if (isLink(value) && this.prompt[value[0]] !== undefined) open.push(value[0]);
      }
    }
    return [...seen].reverse().filter((one) => this.problemsOf(one).length > 0);
  }

  problemsOf(id: string): readonly Problem[] {
    const known = this.#problems.get(id);
    if (known !== undefined) return known;
    const node = this.prompt[id];
    const definition = node === undefined ? null : this.judging.catalog.find(node.class_type);
    const own = node === undefined || definition === null ? [] : this.#judge(node, definition);
    const problems = [...own, ...(this.judging.known.get(id) ?? [])];
    this.#problems.set(id, problems);
    return problems;
  }

  #judge(node: ApiNode, definition: NodeDefinition): readonly Problem[] {
    const problems: Problem[] = [];
    for (const { name, spec } of inputSpecs(definition, (input) => node.inputs[input])) {
      const value = node.inputs[name];
      if (!Object.hasOwn(node.inputs, name)) {
        // Those of V3's growing inputs have names of their own.
        const isPlain = !(inputType(spec) ?? '').startsWith('COMFY_');
        if (isPlain && Object.hasOwn(definition.input.required, name)) problems.push(missingInput(name));
        continue;
      }
      const problem = Array.isArray(value)
        ? this.#judgeLink(name, spec, value)
        : problemOf({
            ...{ className: definition.className, name, spec, value },
            legacy: this.judging.legacy,
          });
      if (problem !== null) problems.push(problem);
    }
    return problems;
  }

  #judgeLink(name: string, spec: unknown, link: readonly unknown[]): Problem | null {
    const config = configOf(spec);
    const extra_info = { input_name: name, input_config: config };
    if (link.length !== 2) {
      const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
      return {
        ...{ type: 'bad_linked_input', message, details: name },
        extra_info: { ...extra_info, received_value: link },
      };
    }
    const source = this.prompt[String(link[0])];
    if (source === undefined) return missingLinkedNode(name, link);
    const received = this.judging.catalog.find(source.class_type)?.output[Number(link[1])];
    const wanted = inputType(spec) ?? '*';
    if (received === undefined || fits(received, wanted)) return null;
    const shown = typeof config[0] === 'string' ? config[0] : pythonRepr(config[0]);
    return {
      type: 'return_type_mismatch',
      message: 'Return type mismatch between linked nodes',
      details: `${name}, received_type(${received}) mismatch input_type(${shown})`,
      extra_info: { ...extra_info, received_type: received, linked_node: link },
    };
  }
}

/** Types may be lists ("INT,FLOAT"); those of V3 that stand for others are the server's to judge. */
function fits(received: string, wanted: string): boolean {
  const [given, taken] = [received, wanted].map((types) => types.split(',').map((type) => type.trim()));
  const open = (type: string): boolean => type === '*' || type.startsWith('COMFY_');
  if (given === undefined || taken === undefined || given.some(open) || taken.some(open)) return true;
  return given.some((type) => taken.includes(type));
}
