import type { ComfyFile } from '../comfy/outputs.ts';
import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import { inputSpec, type NodeCatalog } from '../graph/catalog.ts';
import { isRecord } from '../plain-data.ts';

/** A file that a prompt loads: one literal, or one of a literal's list. */
export interface InputFile {
  readonly nodeId: string;
  readonly input: string;
  /** Place in a list of names, or key in a record of them; null when the literal is the name itself. */
  readonly index: number | string | null;
  /** As it stands in the prompt, "sub/a.png [output]". */
  readonly raw: string;
  readonly name: string;
  /** With "/" between its folders; "" for the folder itself. */
  readonly subfolder: string;
  /** Which folder of the server it is in. */
  readonly type: ComfyFile['type'];
  /** false: it only looks like a file to load; it is no error when there is none. */
  readonly sure: boolean;
}

/** Nodes that are known to load, also where no server has told its classes. */
const LOADERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['LoadImage', ['image']],
  ['LoadImageMask', ['image']],
  ['LoadImageOutput', ['image']],
  ['LoadImageSetNode', ['images']],
  ['WebcamCapture', ['image']],
  ['LoadAudio', ['audio']],
  ['LoadVideo', ['file']],
  ['LoadLatent', ['latent']],
  ['Load3D', ['model_file', 'image']],
  ['Load3DAnimation', ['model_file', 'image']],
  ['VHS_LoadVideo', ['video']],
  ['VHS_LoadVideoFFmpeg', ['video']],
  ['VHS_LoadAudioUpload', ['audio']],
]);

/** How /object_info marks an input that the page offers an upload for. */
const UPLOAD_FLAGS = [
  'image_upload',
  'animated_image_upload',
  'audio_upload',
  'video_upload',
  'file_upload',
] as const;

const LIKELY_INPUTS: ReadonlySet<string> = new Set(['image', 'video', 'audio', 'file', 'mask', 'latent']);
const MEDIA = new RegExp(
  `\\.(${[
    'png|apng|jpe?g|jfif|webp|gif|bmp|tiff?|avif|heic|exr|hdr|svg|psd',
    'mp4|m4v|webm|mkv|mov|avi|mpe?g|wmv|flv',
    'wav|mp3|flac|ogg|oga|opus|m4a|aac|aiff?|wma',
    'latent|safetensors|glb|gltf|obj|fbx|stl|ply|usdz|spz|splat|ksplat',
  ].join('|')})$`,
  'i',
);
/** ComfyUI cuts the annotation off together with the one character before it. */
const ANNOTATED = /^(.*).\[(input|output|temp)\]$/s;
/** A node that is told a path or an address does not look into the input folder. */
const ELSEWHERE = /^([a-z][a-z0-9+.-]*:\/\/|data:|[/\\]|[a-z]:[/\\])|(^|[/\\])\.\.([/\\]|$)/i;

/** What a prompt loads, in the order of its nodes. @param catalog of any server of the fleet */
export function inputsOf(prompt: ApiPrompt, catalog?: NodeCatalog): readonly InputFile[] {
  return Object.entries(prompt).flatMap(([nodeId, node]) =>
    Object.entries(node.inputs).flatMap(([input, value]) => {
      const sure = isLoader(node, input, catalog);
      if (!sure && !isLikely(node, input)) return [];
      return namesIn(value)
        .filter(({ raw }) => (sure ? isGiven(raw) : looksLikeFile(raw)))
        .map(({ index, raw }) => ({ nodeId, input, index, raw, sure, ...parseName(raw) }));
    }),
  );
}

/** The prompt with other names for some of its files; everything else is left as it is. */
export function withNames(prompt: ApiPrompt, names: ReadonlyMap<InputFile, string>): ApiPrompt {
  const result: Record<string, ApiNode> = { ...prompt };
  for (const [{ nodeId, input, index }, name] of names) {
    const node = result[nodeId];
    if (node === undefined) continue;
    const value = replaceName(node.inputs[input], index, name);
    result[nodeId] = { ...node, inputs: { ...node.inputs, [input]: value } };
  }
  return result;
}

/** "sub\\a.png [temp]" → its parts. */
export function parseName(raw: string): Pick<InputFile, 'name' | 'subfolder' | 'type'> {
  const [, annotated, folder] = ANNOTATED.exec(raw) ?? [];
  const type = folder === 'output' || folder === 'temp' ? folder : 'input';
  const parts = (annotated ?? raw).split(/[/\\]/);
  return { name: parts.at(-1) ?? '', subfolder: parts.slice(0, -1).join('/'), type };
}

function isLoader({ class_type }: ApiNode, input: string, catalog: NodeCatalog | undefined): boolean {
  if (LOADERS.get(class_type)?.includes(input)) return true;
  const definition = catalog?.find(class_type) ?? null;
  const spec: unknown = definition === null ? null : inputSpec(definition, input);
  const options: unknown = Array.isArray(spec) ? spec[1] : null;
  return isRecord(options) && UPLOAD_FLAGS.some((flag) => options[flag] === true);
}

function isLikely({ class_type }: ApiNode, input: string): boolean {
  return LIKELY_INPUTS.has(input) && !class_type.endsWith('Path');
}

/** Empty, or the "none" of 3D nodes: nothing is loaded. */
function isGiven(raw: string): boolean {
  return raw !== '' && raw !== 'none';
}

function looksLikeFile(raw: string): boolean {
  return MEDIA.test(parseName(raw).name) && !ELSEWHERE.test(raw);
}

interface Named {
  readonly index: InputFile['index'];
  readonly raw: string;
}

function namesIn(value: unknown): readonly Named[] {
  if (typeof value === 'string') return [{ index: null, raw: value }];
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return isLink(items)
      ? []
      : items.flatMap((raw, index) => (typeof raw === 'string' ? [{ index, raw }] : []));
  }
  if (!isRecord(value)) return [];
  // The page wraps lists so that they are not taken for links.
  if (Array.isArray(value['__value__'])) return namesIn(value['__value__']);
  return Object.entries(value).flatMap(([index, raw]) =>
    typeof raw === 'string' && looksLikeFile(raw) ? [{ index, raw }] : [],
  );
}

function replaceName(value: unknown, index: InputFile['index'], name: string): unknown {
  if (index === null) return name;
  if (Array.isArray(value)) return value.map((old: unknown, at) => (at === index ? name : old));
  if (!isRecord(value)) return value;
  if (typeof index === 'string') return { ...value, [index]: name };
  return { ...value, __value__: replaceName(value['__value__'], index, name) };
}

function isLink(items: readonly unknown[]): boolean {
  return items.length === 2 && typeof items[0] === 'string' && typeof items[1] !== 'string';
}
