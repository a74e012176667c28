import { type Catalog, outputsOf, resolveInput } from '../nodes/catalog.ts';
import type { ListContext, NodeDefinition } from '../nodes/definition.ts';
import type { ServerOptions } from '../options.ts';
import { checkValue, type Problem } from './check-value.ts';
import { exceptionProblem, missing, type RequestError, unknownNode } from './problems.ts';
import { PythonError, pythonRepr } from './python-text.ts';
import { isRecord, type Prompt, type PromptNode } from './values.ts';

export interface ValidationContext {
  readonly catalog: Catalog;
  readonly legacy: boolean;
  readonly lists: ListContext;
  readonly options: ServerOptions;
}
export interface NodeErrors {
  readonly errors: readonly Problem[];
  readonly dependent_outputs: string[];
  readonly class_type: string;
}
export type Validation = {
  readonly error: RequestError | null;
  readonly outputs: readonly string[];
  readonly nodeErrors: Readonly<Record<string, NodeErrors>>;
};
type Verdict = { readonly valid: boolean; readonly problems: readonly Problem[] };

/** 0.3.64 and 0.33.0: bad outputs are dropped and named in node_errors, good ones run; an unknown class refuses the whole prompt. */
export function validatePrompt(
  prompt: Prompt,
  targets: readonly string[] | null,
  context: ValidationContext,
): Validation {
  const refuse = (error: RequestError): Validation => ({ error, outputs: [], nodeErrors: {} });
  const outputs: string[] = [];
  for (const [id, node] of Object.entries(prompt)) {
    const definition = typeof node.class_type === 'string' ? context.catalog.get(node.class_type) : undefined;
    if (definition === undefined) return refuse(unknownNode(id, node, context.legacy));
    if (definition.outputNode && (targets === null || targets.includes(id))) outputs.push(id);
  }
  if (outputs.length === 0)
    return refuse({
      type: 'prompt_no_outputs',
      message: 'Prompt has no outputs',
      details: '',
      extra_info: {},
    });
  return judgeOutputs(prompt, outputs, context);
}

function judgeOutputs(prompt: Prompt, outputs: readonly string[], context: ValidationContext): Validation {
  const walk = new Walk(prompt, context);
  const good: string[] = [];
  const details: string[] = [];
  const nodeErrors: Record<string, NodeErrors> = {};
  for (const output of outputs) {
    const verdict = walk.judgeOutput(output);
    if (verdict.valid) {
      good.push(output);
      continue;
    }
    details.push(...verdict.problems.map((problem) => `${problem.message}: ${problem.details}`));
    for (const [id, { valid, problems }] of walk.verdicts) {
      if (valid || problems.length === 0) continue;
      nodeErrors[id] ??= {
        errors: problems,
        dependent_outputs: [],
        class_type: prompt[id]?.class_type ?? '',
      };
      nodeErrors[id].dependent_outputs.push(output);
    }
  }
  const failed = 'prompt_outputs_failed_validation';
  const error =
    good.length > 0
      ? null
      : {
          type: failed,
          message: 'Prompt outputs failed validation',
          details: details.join('\n'),
          extra_info: {},
        };
  return { error, outputs: good, nodeErrors };
}

class Walk {
  readonly verdicts = new Map<string, Verdict>();
  readonly #visiting: string[] = [];

  constructor(
    readonly prompt: Prompt,
    readonly context: ValidationContext,
  ) {}

  judgeOutput(id: string): Verdict {
    try {
      return this.#judge(id);
    } catch (error) {
      const verdict = {
        valid: false,
        problems: [
          exceptionProblem('exception_during_validation', 'Exception when validating node', error, {}),
        ],
      };
      this.verdicts.set(id, verdict);
      return verdict;
    }
  }

  #judge(id: string): Verdict {
    const known = this.verdicts.get(id);
    if (known !== undefined) return known;
    if (this.#visiting.includes(id)) return this.#cycle(id);
    const definition = this.#definitionOf(id);
    const inputs = this.#node(id).inputs;
    const problems: Problem[] = [];
    let valid = true;
    const groups = [definition.required, definition.optional ?? {}] as const;
    for (const [index, specs] of groups.entries()) {
      for (const [name, spec] of Object.entries(specs)) {
        const [type, options] = resolveInput(spec, this.context.lists, this.context.legacy);
        const value = inputs[name];
        if (!(name in inputs)) {
          if (index === 0) problems.push(missing(name));
        } else if (Array.isArray(value)) {
          const outcome = this.#judgeLink(id, name, value, [type, options]);
          if (outcome === 'upstream') valid = false;
          else if (outcome !== null) problems.push(outcome);
        } else {
          const ownCheck = definition.validate?.inputs.includes(name) ?? false;
          const checked = checkValue(name, value, type, options, ownCheck, this.context.legacy);
          if ('problem' in checked) problems.push(checked.problem);
          else inputs[name] = checked.value;
        }
      }
    }
    problems.push(...this.#ownCheck(definition, inputs));
    const before = this.verdicts.get(id) ?? { valid: true, problems: [] };
    const verdict = {
      valid: before.valid && valid && problems.length === 0,
      problems: [...before.problems, ...problems],
    };
    this.verdicts.set(id, verdict);
    return verdict;
  }

  #judgeLink(
    id: string,
    name: string,
    link: readonly unknown[],
    config: readonly [unknown, unknown],
  ): Problem | 'upstream' | null {
    const extra = { input_name: name, input_config: config };
    if (link.length !== 2) {
      const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
      return {
        type: 'bad_linked_input',
        message,
        details: name,
        extra_info: { ...extra, received_value: link },
      };
    }
    const from = String(link[0]);
    const outputs = outputsOf(this.#definitionOf(from), this.context.legacy);
    const received = outputs[Number(link[1])];
    if (received === undefined) throw new PythonError('IndexError', 'tuple index out of range');
    if (received !== config[0]) {
      const type = 'return_type_mismatch';
      const details = `${name}, received_type(${received}) mismatch input_type(${typeof config[0] === 'string' ? config[0] : pythonRepr(config[0])})`;
      const extra_info = { ...extra, received_type: received, linked_node: link };
      return { type, message: 'Return type mismatch between linked nodes', details, extra_info };
    }
    try {
      this.#visiting.push(id);
      try {
        return this.#judge(from).valid ? null : 'upstream';
      } finally {
        this.#visiting.pop();
      }
    } catch (error) {
      const info = { ...extra, linked_node: link };
      const problem = exceptionProblem(
        'exception_during_inner_validation',
        'Exception when validating inner node',
        error,
        info,
      );
      this.verdicts.set(from, { valid: false, problems: [problem] });
      return 'upstream';
    }
  }

  #cycle(id: string): Verdict {
    if (this.context.legacy) throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
    const path = [...this.#visiting.slice(this.#visiting.indexOf(id)), id];
    const nodes = [...new Set(path)];
    const details = path.map((node) => `${node} (${this.prompt[node]?.class_type})`).join(' -> ');
    for (const node of nodes) {
      const extra_info = { node_id: node, cycle_nodes: nodes };
      const problem = { type: 'dependency_cycle', message: 'Dependency cycle detected', details, extra_info };
      this.verdicts.set(node, { valid: false, problems: [problem] });
    }
    return this.verdicts.get(id) ?? { valid: false, problems: [] };
  }

  #ownCheck(definition: NodeDefinition, inputs: Readonly<Record<string, unknown>>): readonly Problem[] {
    const own = definition.validate;
    if (own === undefined || !own.inputs.some((name) => name in inputs)) return [];
    const answer = own.check(inputs, this.context.options);
    if (answer === true) return [];
    const message = 'Custom validation failed for node';
    return own.inputs.map((name) => ({
      type: 'custom_validation_failed',
      message,
      details: `${name} - ${answer}`,
      extra_info: { input_name: name },
    }));
  }

  #node(id: string): PromptNode {
    const node = this.prompt[id];
    if (node === undefined) throw new PythonError('KeyError', pythonRepr(id));
    if (!isRecord(node.inputs)) throw new PythonError('KeyError', "'inputs'");
    return node;
  }

  #definitionOf(id: string): NodeDefinition {
    const definition = this.context.catalog.get(this.#node(id).class_type);
    if (definition === undefined) throw new PythonError('KeyError', pythonRepr(id));
    return definition;
  }
}
