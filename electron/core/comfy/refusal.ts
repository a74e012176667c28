import { EnsembleError, type FieldProblem } from '../../../shared/errors.ts';
import type { NodeErrors, Refused } from './replies.ts';

/** The server does not take a prompt, or would drop outputs of it. */
export class PromptRefused extends EnsembleError {
  constructor(
    message: string,
    problems: readonly FieldProblem[],
    /** What the server lacks, so that another one may take the prompt; null when the prompt itself is wrong. */
    readonly missing: 'node' | 'model' | null,
    /** As the server told them: node id → errors. */
    readonly nodeErrors: NodeErrors,
  ) {
    super(
      'bad-argument',
      message,
      'Check that this server has the models and nodes that the workflow uses.',
      problems,
    );
  }
}

/** @param address "host:port" */
export function refusal(address: string, { error, node_errors: nodes = {} }: Refused): PromptRefused {
  const problems = problemsOf(nodes);
  const [first] = problems;
  const detail = first === undefined ? (error.details ?? '') : `${first.field}: ${first.message}`;
  const sentence = [error.message.replace(/\.$/, ''), detail].filter((part) => part !== '').join(': ');
  const message = `${address} refused the workflow: ${sentence}.`;
  return new PromptRefused(message, problems, missingOf(error, nodes), nodes);
}

function missingOf(error: Refused['error'], nodes: NodeErrors): PromptRefused['missing'] {
  // 0.33 has a type of its own, which nodes without any class share; 0.3.64 has the words alone.
  if (error.type === 'missing_node_type') return / not found/.test(error.message) ? 'node' : null;
  if (error.type === 'invalid_prompt') return / does not exist/.test(error.message) ? 'node' : null;
  const types = Object.values(nodes).flatMap(({ errors }) => errors.map(({ type }) => type));
  return types.length > 0 && types.every((type) => type === 'value_not_in_list') ? 'model' : null;
}

function problemsOf(nodes: NodeErrors): readonly FieldProblem[] {
  return Object.entries(nodes).flatMap(([id, node]) =>
    node.errors.map(({ message, details }) => ({
      field: `node ${id}${node.class_type === undefined ? '' : ` (${node.class_type})`}`,
      message: details === undefined || details === '' ? message : `${message} (${details})`,
    })),
  );
}
