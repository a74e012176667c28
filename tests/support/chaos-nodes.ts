import { encodePng } from '../../electron/simulator/png.ts';
import { decodePng } from '../../electron/simulator/png-decode.ts';

/** Four classes are enough to tell from a picture's pixels which seed made it, and whether a second pass touched it. */

export type Graph = Readonly<
  Record<string, { readonly class_type: string; readonly inputs: Readonly<Record<string, unknown>> }>
>;

export interface Executed {
  readonly saves: readonly {
    readonly node: string;
    readonly prefix: string;
    readonly pictures: readonly Buffer[];
  }[];
  readonly outputs: Readonly<Record<string, object>>;
  readonly error: object | null;
  readonly node: string | null;
  readonly type: string | null;
}

export interface Machine {
  readonly stepMs: number;
  /** Classes that raise an error here. */
  readonly raises: ReadonlySet<string>;
  readonly input: (name: string) => Buffer | null;
  /** @returns false when it must stop */
  readonly step: (node: string, value: number, max: number) => Promise<boolean>;
}

const SIDE = 8;
export const BROKEN = 'ChaosBroken';
export const RARE = 'ChaosRare';

const INT = ['INT', { default: 0, min: 0, max: 2 ** 63 }];
const CLASSES: Readonly<
  Record<string, { readonly input: object; readonly output: readonly string[]; readonly saves?: true }>
> = {
  ChaosSampler: { input: { seed: INT, steps: INT }, output: ['IMAGE'] },
  [RARE]: { input: { images: ['IMAGE'] }, output: ['IMAGE'] },
  [BROKEN]: { input: { images: ['IMAGE'] }, output: ['IMAGE'] },
  ImageInvert: { input: { image: ['IMAGE'] }, output: ['IMAGE'] },
  ImageBatch: { input: { image1: ['IMAGE'], image2: ['IMAGE'] }, output: ['IMAGE'] },
  LoadImage: { input: { image: [[], { image_upload: true }] }, output: ['IMAGE', 'MASK'] },
  SaveImage: { input: { images: ['IMAGE'], filename_prefix: ['STRING', {}] }, output: [], saves: true },
};

export function objectInfo(lacks: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(CLASSES)
      .filter(([name]) => !lacks.includes(name))
      .map(([name, { input, output, saves }]) => [
        name,
        { input: { required: input }, output, output_node: saves === true, display_name: name },
      ]),
  );
}

export function missingClass(graph: Graph, lacks: readonly string[]): string | null {
  const names = Object.values(graph).map(({ class_type: name }) => name);
  return names.find((name) => CLASSES[name] === undefined || lacks.includes(name)) ?? null;
}

type Frame = readonly [number, number, number];

/** What the picture of a seed looks like. */
export function colorOf(seed: bigint): Frame {
  return [Number(seed & 0xffn), Number((seed >> 8n) & 0xffn), Number((seed >> 16n) & 0xffn)];
}

export function inverted([r, g, b]: Frame): Frame {
  return [255 - r, 255 - g, 255 - b];
}

export function firstPixel(png: Buffer): Frame {
  const [r = 0, g = 0, b = 0] = decodePng(png).frames[0] ?? [];
  return [r, g, b];
}

export async function execute(graph: Graph, machine: Machine): Promise<Executed> {
  const saves: Executed['saves'][number][] = [];
  const known = new Map<string, readonly Frame[]>();
  const nothing = { saves, outputs: {}, error: null, node: null, type: null };
  for (const id of order(graph)) {
    const { class_type: type, inputs } = graph[id] ?? { class_type: '', inputs: {} };
    const linked = (name: string): readonly Frame[] => {
      const link = inputs[name];
      return Array.isArray(link) ? (known.get(String(link[0])) ?? []) : [];
    };
    const steps = type === 'ChaosSampler' ? Number(inputs['steps']) : 1;
    for (let step = 1; step <= steps; step += 1) {
      await new Promise((resolve) => setTimeout(resolve, machine.stepMs));
      if (!(await machine.step(id, step, steps))) return nothing;
    }
    if (type === BROKEN || machine.raises.has(type)) {
      const error = {
        exception_type: 'RuntimeError',
        exception_message: 'broken on purpose',
        traceback: ['here'],
      };
      return { ...nothing, saves: [], error, node: id, type };
    }
    if (type === 'ChaosSampler') known.set(id, [colorOf(BigInt(String(inputs['seed'])))]);
    else if (type === 'ImageInvert') known.set(id, linked('image').map(inverted));
    else if (type === RARE) known.set(id, linked('images'));
    else if (type === 'ImageBatch') known.set(id, [...linked('image1'), ...linked('image2')]);
    else if (type === 'LoadImage') {
      const bytes = machine.input(String(inputs['image']));
      if (bytes === null) {
        const error = {
          exception_type: 'FileNotFoundError',
          exception_message: 'no such input',
          traceback: [],
        };
        return { ...nothing, saves: [], error, node: id, type };
      }
      known.set(
        id,
        decodePng(bytes).frames.map(([r = 0, g = 0, b = 0]) => [r, g, b]),
      );
    } else if (type === 'SaveImage') {
      const pictures = await Promise.all(linked('images').map(paint));
      saves.push({ node: id, prefix: String(inputs['filename_prefix']), pictures });
    }
  }
  return nothing;
}

function paint(color: Frame): Promise<Buffer> {
  const pixels = new Uint8Array(SIDE * SIDE * 3).map((_, index) => color[index % 3] ?? 0);
  return encodePng(SIDE, SIDE, 3, [pixels]);
}

/** What a node needs comes before it. */
function order(graph: Graph): readonly string[] {
  const sorted = new Set<string>();
  const visit = (id: string): void => {
    if (sorted.has(id) || graph[id] === undefined) return;
    for (const value of Object.values(graph[id].inputs)) if (Array.isArray(value)) visit(String(value[0]));
    sorted.add(id);
  };
  for (const id of Object.keys(graph)) visit(id);
  return [...sorted];
}
