/** Where in a ComfyUI folder a model belongs, told only for names that cannot lead anywhere else. */

export interface ModelPlace {
  /** From ComfyUI's folder on, with "/": "models/loras/style". */
  readonly directory: string;
  /** A plain file name. */
  readonly file: string;
}

export type PlaceReading =
  | { readonly place: ModelPlace; readonly problem: null }
  | { readonly place: null; readonly problem: string };

/** Folders that have two names; the second is the one that servers list. */
const OTHER_NAMES: Readonly<Record<string, string>> = { unet: 'diffusion_models', clip: 'text_encoders' };

/** Windows servers list with backslashes. */
export function withSlashes(name: string): string {
  return name.replaceAll('\\', '/');
}

/** The folder as servers list it. */
export function folderName(folder: string): string {
  return Object.hasOwn(OTHER_NAMES, folder) ? (OTHER_NAMES[folder] ?? folder) : folder;
}

/** The last part of a name with folders. */
export function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** @param folder below "models"; @param name below that folder */
export function placeOf(folder: string, name: string): PlaceReading {
  const parts = [...withSlashes(folder).split('/'), ...withSlashes(name).split('/')];
  const problem = parts.map(problemOf).find((one) => one !== null);
  if (problem !== undefined) return { place: null, problem };
  const file = parts.pop() ?? '';
  return { place: { directory: ['models', ...parts].join('/'), file }, problem: null };
}

function problemOf(part: string): string | null {
  if (part === '' || part === '.' || part === '..') return 'its name leads out of the models folder';
  if (/^[A-Za-z]:/.test(part)) return 'its name holds a drive letter';
  // A terminal would obey them, and no file that is shared between people has one.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (/[\x00-\x1f\x7f]/.test(part)) return 'its name holds control characters';
  return null;
}

/** Why Windows could not have a file of this name, or null. */
export function windowsProblem({ directory, file }: ModelPlace): string | null {
  const parts = [...directory.split('/'), file];
  if (parts.some((part) => /[<>:"|?*]/.test(part))) return 'Windows allows no < > : " | ? * in a file name';
  if (parts.some((part) => /[. ]$/.test(part)))
    return 'Windows allows no dot or space at the end of a file name';
  if (parts.some((part) => /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(part)))
    return 'Windows keeps this name for a device';
  return null;
}
