import type { ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog } from '../graph/catalog.ts';
import type { Plan } from '../graph/plan.ts';
import type { InputLibrary, LocatedFile } from '../media/input-library.ts';
import { type InputFile, inputsOf } from '../media/inputs-of.ts';
import type { WorkInput } from '../scheduler/scheduler-types.ts';

/** What the shards of a run load, by their template's prompt. */
export type RunInputs = ReadonlyMap<ApiPrompt, readonly WorkInput[]>;

export const NO_INPUTS: readonly WorkInput[] = [];

/** Looks up how large the files of a plan are. What is missing, or leads out of the folders, is told by those who need it. */
export async function inputsOfPlan(
  { templates }: Plan,
  catalog: NodeCatalog | null,
  library: Pick<InputLibrary, 'find'>,
): Promise<RunInputs> {
  const located = new Map<string, Promise<LocatedFile | null>>();
  const find = (file: InputFile): Promise<LocatedFile | null> => {
    const finding = located.get(file.raw) ?? library.find(file).catch(() => null);
    located.set(file.raw, finding);
    return finding;
  };
  const found = templates.map(async ({ prompt }) => {
    const files = await Promise.all(inputsOf(prompt, catalog ?? undefined).map(find));
    return [prompt, needed(files)] as const;
  });
  return new Map(await Promise.all(found));
}

function needed(files: readonly (LocatedFile | null)[]): readonly WorkInput[] {
  const bytes = new Map(
    files.flatMap((file) => (file === null ? [] : [[`${file.path} ${file.version}`, file.bytes] as const])),
  );
  return bytes.size === 0 ? NO_INPUTS : [...bytes].map(([id, size]) => ({ id, bytes: size }));
}
