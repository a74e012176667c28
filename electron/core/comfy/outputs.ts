/** A file that a server made or holds; `subfolder` has backslashes on Windows servers. */
export interface ComfyFile {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: 'output' | 'temp' | 'input';
}

const TYPES: readonly unknown[] = ['output', 'temp', 'input'];
/** 3D nodes answer with bare paths below the output folder instead of file records. */
const MODEL_3D = /\.(glb|obj|fbx|gltf|usdz)$/i;

/** Every file of a history entry's (or an `executed` message's) outputs, in node order; custom keys included. */
export function filesOf(outputs: unknown): readonly ComfyFile[] {
  const files: ComfyFile[] = [];
  for (const perNode of valuesOf(outputs)) {
    for (const list of valuesOf(perNode)) {
      if (!Array.isArray(list)) continue;
      for (const item of list) {
        const file = fileOf(item);
        if (file !== null) files.push(file);
      }
    }
  }
  return files;
}

function fileOf(item: unknown): ComfyFile | null {
  if (typeof item === 'string') return MODEL_3D.test(item) ? bareFile(item) : null;
  if (typeof item !== 'object' || item === null || !('filename' in item)) return null;
  const { filename } = item;
  const subfolder = 'subfolder' in item ? item.subfolder : '';
  const type = 'type' in item ? item.type : 'output';
  if (typeof filename !== 'string' || filename === '' || !isFileType(type)) return null;
  return { filename, subfolder: typeof subfolder === 'string' ? subfolder : '', type };
}

function bareFile(path: string): ComfyFile {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return { filename: path.slice(cut + 1), subfolder: path.slice(0, Math.max(cut, 0)), type: 'output' };
}

function isFileType(type: unknown): type is ComfyFile['type'] {
  return TYPES.includes(type);
}

function valuesOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value) : [];
}
