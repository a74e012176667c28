import type { InstanceId } from './model.ts';

/** Which models a workflow names, where they are, and the script that brings the rest. */

/** One model on one instance. A server tells names and sizes, never a checksum: the same size is no proof of the same file. */
export type ModelPresence =
  | {
      readonly status: 'there';
      /** null where the server does not tell it. */
      readonly bytes: number | null;
    }
  | { readonly status: 'missing' }
  /** The instance cannot say, e.g. because it is stopped. */
  | { readonly status: 'unknown' };

export interface ModelUrl {
  readonly url: string;
  /** Written into the workflow by whoever made it, or entered here once. */
  readonly from: 'workflow' | 'person';
}

export interface NamedModel {
  /** Tells the rows of a report apart. */
  readonly id: string;
  /** Below its folder, with "/" between folders whatever the server's system is. */
  readonly name: string;
  /** Folder below "models", e.g. "checkpoints"; null when nothing tells which one. */
  readonly folder: string | null;
  /** What people call the nodes that name it. */
  readonly nodes: readonly string[];
  readonly url: ModelUrl | null;
  /** Why a URL that the workflow has is not used, one sentence; null when nothing is wrong. */
  readonly urlProblem: string | null;
  /** Two instances have files of different sizes under this name. */
  readonly sizesDiffer: boolean;
  /** In the order of the report's instances. */
  readonly on: readonly ModelPresence[];
}

export interface ModelInstance {
  readonly id: InstanceId;
  readonly name: string;
  readonly role: 'master' | 'worker';
  /** null while it cannot be told: it does not answer. */
  readonly canRun: boolean | null;
  /** Why it cannot run the workflow, or why that cannot be told; null when it can. */
  readonly why: string | null;
  readonly missingNodes: readonly string[];
  readonly missingModels: number;
}

export interface ModelReport {
  /** Master first. */
  readonly instances: readonly ModelInstance[];
  readonly models: readonly NamedModel[];
  readonly warnings: readonly string[];
}

export const SCRIPT_SHELLS = ['bash', 'powershell'] as const;
export type ScriptShell = (typeof SCRIPT_SHELLS)[number];

export interface ModelScript {
  readonly text: string;
  /** What to save it as. */
  readonly fileName: string;
  /** Models that it downloads. */
  readonly downloads: number;
  /** One sentence per missing model that it leaves out, and why. */
  readonly leftOut: readonly string[];
}

export interface ModelCommands {
  /** The workflow is the text of a JSON file, API or UI format. Every instance is asked anew. */
  'models.check': { args: { readonly workflow: string }; result: ModelReport };
  /** For what is missing on one instance; null = on any of them. */
  'models.script': {
    args: {
      readonly workflow: string;
      readonly shell: ScriptShell;
      readonly instance: InstanceId | null;
    };
    result: ModelScript;
  };
  /** Where a model can be downloaded, for every workflow that names it; null forgets it. */
  'models.rememberUrl': {
    args: { readonly folder: string; readonly name: string; readonly url: string | null };
    result: null;
  };
}

/** Where a model is not, as far as it is known. */
export function countMissing({ on }: Pick<NamedModel, 'on'>): number {
  return on.filter(({ status }) => status === 'missing').length;
}

/** "3 models missing on 2 workers": what a report comes to, one sentence without full stop. */
export function summaryOf({ models, instances }: ModelReport): string {
  if (models.length === 0) return 'The workflow names no model';
  const missing = models.filter((model) => countMissing(model) > 0).length;
  const silent = instances.filter(({ canRun }) => canRun === null).length;
  const unsure = silent === 0 ? '' : `; ${plural(silent, 'instance')} cannot be asked`;
  if (missing === 0) return `${plural(models.length, 'model')}, none missing${unsure}`;
  const places = instances.filter(({ missingModels }) => missingModels > 0);
  const word = places.every(({ role }) => role === 'worker') ? 'worker' : 'instance';
  return `${plural(missing, 'model')} missing on ${plural(places.length, word)}${unsure}`;
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}
