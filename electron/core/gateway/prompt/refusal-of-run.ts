import { EnsembleError, toEnvelope } from '../../../../shared/errors.ts';
import type { ApiPrompt } from '../../comfy/prompt.ts';
import { customProblem, failedOutputs, refusal } from './problems.ts';
import type { Answer } from './submitter.ts';

/** Why the fleet does not run a prompt, in the form in which ComfyUI refuses one. Pure. */
export function refusalOfRun(error: unknown, prompt: ApiPrompt): Answer {
  const { code, message, hint, problems } = toEnvelope(error);
  if (!(error instanceof EnsembleError) || code !== 'bad-argument') {
    const status = code === 'not-ready' ? 503 : code === 'disk-full' ? 507 : 500;
    return { status, body: refusal({ type: `ensemble_${code}`, message, details: hint ?? '' }) };
  }
  const [first] = problems;
  const [, nodeId, input] = /^prompt\.(.+)\.([^.]+)$/s.exec(first?.field ?? '') ?? [];
  const node = nodeId === undefined ? undefined : prompt[nodeId];
  if (nodeId === undefined || input === undefined || node === undefined) {
    return { status: 400, body: refusal({ type: 'invalid_prompt', message, details: hint ?? '' }) };
  }
  const reason = customProblem(input, message);
  const errors = { [nodeId]: { errors: [reason], dependent_outputs: [nodeId], class_type: node.class_type } };
  return { status: 400, body: failedOutputs([reason], errors) };
}
