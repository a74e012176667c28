import { EnsembleError } from '../../../../shared/errors.ts';
import type { ApiPrompt } from '../../comfy/prompt.ts';
import { applyOverrides } from '../../graph/overrides.ts';
import type { Plan } from '../../graph/plan.ts';
import { readWorkflow } from '../../graph/read-workflow.ts';
import type { ActiveRun } from '../../runs/active-run.ts';
import { exactText } from '../http/replies.ts';
import type { JobRecord } from './job-types.ts';

/** Runs that were begun in the app or on the command line, as the queue and the history of a ComfyUI show them. */

/** No client is called so: whoever asks has an address. */
const NOBODY = '';

export function isForeign({ caller }: Pick<JobRecord, 'caller'>): boolean {
  return caller === NOBODY;
}

interface Begun extends Pick<ActiveRun, 'id' | 'plan' | 'pngInfo'> {
  readonly record: Pick<ActiveRun['record'], 'workflow' | 'options'>;
}

/** @param now ms since the epoch */
export function foreignRecord(
  { id, record, plan, pngInfo }: Begun,
  promptId: string,
  number: number,
  now: number,
): JobRecord {
  const info = pngInfo === null || pngInfo === undefined ? {} : { extra_pnginfo: { workflow: pngInfo } };
  return {
    ...{ runId: id, promptId, number, clientId: null, caller: NOBODY, createdAt: now },
    prompt: exactText(promptOf(record, plan)),
    extraData: exactText({ ...info, create_time: now }),
    outputs: JSON.stringify(outputsOf(plan)),
  };
}

/** As it was submitted where that tells; what a page saves was converted then, and is only known as it was compiled. */
function promptOf({ workflow, options }: Begun['record'], plan: Plan): ApiPrompt {
  try {
    return applyOverrides(readWorkflow(workflow, null).prompt, options.set, null);
  } catch (error) {
    if (!(error instanceof EnsembleError)) throw error;
    return Object.assign({}, plan.secondStage?.prompt, ...plan.templates.map(({ prompt }) => prompt));
  }
}

function outputsOf({ templates, secondStage }: Plan): readonly string[] {
  const outputs = [...templates, ...(secondStage === null ? [] : [secondStage])].flatMap(
    (one) => one.outputs,
  );
  return [...new Set(outputs.flatMap(({ results }) => results.map(({ nodeId }) => nodeId)))];
}
