import type { InstanceId } from '../../../../shared/model.ts';
import type { ModelReport, ModelScript, NamedModel, ScriptShell } from '../../../../shared/models.ts';
import { type ModelPlace, placeOf, windowsProblem } from '../model-place.ts';
import { bashScript } from './bash-script.ts';
import { powershellScript } from './powershell-script.ts';

/** The script that downloads what is missing. Pure. */

export interface ScriptDownload {
  readonly place: ModelPlace;
  readonly url: string;
  /** As it is elsewhere in the fleet; null where that is not known or not the same everywhere. */
  readonly bytes: number | null;
}

/** @param instance null = what is missing on any of them */
export function scriptFor(report: ModelReport, shell: ScriptShell, instance: InstanceId | null): ModelScript {
  const at = report.instances.findIndex(({ id }) => id === instance);
  const downloads: ScriptDownload[] = [];
  const leftOut: string[] = [];
  for (const model of report.models.filter((one) => isWanted(one, at))) {
    const reading = downloadOf(model, shell);
    if (typeof reading === 'string') leftOut.push(`${oneLine(model.name)}: ${reading}.`);
    else downloads.push(reading);
  }
  const text = (shell === 'bash' ? bashScript : powershellScript)(downloads, leftOut);
  const named = at === -1 ? '' : `-${fileSafe(report.instances[at]?.name ?? '')}`;
  const fileName = `ensemble-models${named}.${shell === 'bash' ? 'sh' : 'ps1'}`;
  return { text, fileName, downloads: downloads.length, leftOut };
}

/** An instance that cannot say what it has may lack it: the script itself looks. */
function isWanted({ on }: NamedModel, at: number): boolean {
  if (at !== -1) return on[at]?.status !== 'there';
  const known = on.filter(({ status }) => status !== 'unknown');
  return known.length === 0 || known.some(({ status }) => status === 'missing');
}

function downloadOf(model: NamedModel, shell: ScriptShell): ScriptDownload | string {
  const { name, folder, url, urlProblem, on, sizesDiffer } = model;
  if (folder === null) return 'it is not known which folder it belongs into';
  const { place, problem } = placeOf(folder, name);
  if (problem !== null) return problem;
  const refused = shell === 'powershell' ? windowsProblem(place) : null;
  if (refused !== null) return refused;
  if (url === null) return urlProblem === null ? 'no address is known' : lowered(urlProblem);
  const sizes = on.flatMap((one) => (one.status === 'there' && one.bytes !== null ? [one.bytes] : []));
  return { place, url: url.url, bytes: sizesDiffer ? null : (sizes[0] ?? null) };
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}

/** A terminal shows it. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is replaced
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}

function fileSafe(name: string): string {
  const safe = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return safe === '' ? 'instance' : safe;
}
