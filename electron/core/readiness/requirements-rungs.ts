import { messageOf } from '../../../shared/errors.ts';
import type { RungState } from '../../../shared/remote.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog } from '../graph/catalog.ts';
import { comboValues } from '../graph/input-spec.ts';
import { describeMissing, type Missing, missingOn } from '../graph/requirements.ts';

/** Has a server the node classes and models that it needs? Pure. */

/** What one workflow asks for; read with the server's own definitions, since the page's format needs them. */
export type Requirements = (catalog: NodeCatalog) => ApiPrompt;

/** What runs put into graphs of their own, and what every workflow that makes a picture has. */
const ALWAYS_NEEDED = [
  'LoadImage',
  'SaveImage',
  'EmptyImage',
  'ImageBatch',
  'ImageFromBatch',
  'LatentFromBatch',
  'KSampler',
  'VAEDecode',
] as const;

/** Loaders whose lists tell what can be rendered at all. */
const LOADERS = [
  { className: 'CheckpointLoaderSimple', input: 'ckpt_name', words: ['checkpoint', 'checkpoints'] },
  { className: 'UNETLoader', input: 'unet_name', words: ['diffusion model', 'diffusion models'] },
] as const;

const NAMED_AT_MOST = 3;

export function nodesRung(catalog: NodeCatalog, requirements: Requirements | null): RungState {
  if (requirements === null) {
    const lacking = ALWAYS_NEEDED.filter((className) => catalog.find(className) === null);
    if (lacking.length === 0) return { status: 'passed', detail: 'It has the nodes that runs need.' };
    return lacks(
      `It lacks ${listed(lacking)}.`,
      'This ComfyUI is too old, or not whole: update it.',
      'git pull',
    );
  }
  try {
    const missing = missingOn(requirements(catalog), catalog).filter(({ kind }) => kind === 'node');
    if (missing.length === 0) return { status: 'passed', detail: 'It has every node of the workflow.' };
    const remedy = 'Install the custom nodes that bring them there, then restart ComfyUI.';
    return lacks(`${describeMissing(missing)}.`, remedy, null);
  } catch (error) {
    return lacks(messageOf(error), 'The workflow itself cannot be read with the nodes of this server.', null);
  }
}

/** Only after the nodes rung held: the workflow can be read then. */
export function modelsRung(catalog: NodeCatalog, requirements: Requirements | null): RungState {
  if (requirements !== null) return workflowModels(missingOn(requirements(catalog), catalog));
  const found = LOADERS.flatMap(({ className, input, words }) => {
    const count = offered(catalog, className, input);
    return count === 0 ? [] : [`${count} ${count === 1 ? words[0] : words[1]}`];
  });
  if (found.length > 0) return { status: 'passed', detail: `${found.join(', ')}.` };
  return {
    status: 'warning',
    detail: 'It offers no checkpoint and no diffusion model.',
    remedy: 'Copy models below models/ there: “Models” of a workflow makes the download script.',
  };
}

function workflowModels(missing: readonly Missing[]): RungState {
  const models = missing.filter(({ kind }) => kind !== 'node');
  if (models.length === 0) return { status: 'passed', detail: 'It has every model of the workflow.' };
  const remedy = 'Copy them there: “Models” of the workflow makes the download script.';
  return lacks(`${describeMissing(models)}.`, remedy, null);
}

function offered(catalog: NodeCatalog, className: string, input: string): number {
  const definition = catalog.find(className);
  const spec = definition?.input.required[input];
  return spec === undefined ? 0 : (comboValues(spec)?.length ?? 0);
}

function lacks(detail: string, remedy: string, command: string | null): RungState {
  return { status: 'failed', detail, remedy, command, certificate: null };
}

function listed(names: readonly string[]): string {
  const rest = names.length - NAMED_AT_MOST;
  return rest > 0 ? `${names.slice(0, NAMED_AT_MOST).join(', ')} and ${rest} more` : names.join(', ');
}
