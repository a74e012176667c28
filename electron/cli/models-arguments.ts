import { EnsembleError } from '../../shared/errors.ts';
import { SCRIPT_SHELLS } from '../../shared/models.ts';
import type { ModelsRequest } from './orders.ts';

/** @throws EnsembleError('bad-argument') for a shell that no script is written for */
export function modelsRequest(
  workflow: string,
  values: { readonly script?: string | undefined; readonly worker?: string | undefined },
): ModelsRequest {
  const script = SCRIPT_SHELLS.find((shell) => shell === values.script) ?? null;
  if (values.script !== undefined && script === null) {
    const message = `There is no script for “${values.script}”.`;
    throw EnsembleError.badArgument('--script', message, 'Use bash or powershell.');
  }
  return { workflow, script, worker: values.worker ?? null };
}
