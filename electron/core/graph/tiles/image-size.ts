import type { ApiNode } from '../../comfy/prompt.ts';
import { literalBehind } from '../literals.ts';
import { isLink, type Nodes } from '../node-graph.ts';
import type { Size } from './tile-grid.ts';

/** How large a picture will be, told from the graph and from the files that it loads. Rules of ComfyUI 0.3.64 and 0.33.0. */

export type Sizing =
  | {
      readonly size: Size;
      /** Nodes whose result was taken on trust, with what was taken. */
      readonly assumed: readonly string[];
    }
  /** The node that cannot be told. */
  | { readonly lostAt: string };

/** @param pictures sizes of loaded files, by the node that loads them */
export function imageSize(nodes: Nodes, link: unknown, pictures: ReadonlyMap<string, Size>): Sizing {
  return new Sizes(nodes, pictures).of(link, '');
}

/** Of the classes that keep a picture's size. */
const KEEPS =
  /^(?:ImageInvert|ImageBlur|ImageSharpen|ImageQuantize|ImageFromBatch|RepeatImageBatch|ImageBatch)$/;
const LOADS = /^LoadImage(?:Output)?$/;
const EMPTY_LATENT = /^Empty.*Latent/;
const SAMPLES = /^(?:KSampler|KSamplerAdvanced|SamplerCustom|SamplerCustomAdvanced)$/;
/** "4x-UltraSharp", "RealESRGAN_x2plus": how people name upscale models by what they do. */
const FACTOR = /(?:^|[^0-9a-z])([1-8])x|x([1-8])(?![0-9])/i;
const LATENT = 8;
const MEGAPIXEL = 1024 * 1024;

class Sizes {
  constructor(
    private readonly nodes: Nodes,
    private readonly pictures: ReadonlyMap<string, Size>,
  ) {}

  /** The graph is known to be free of cycles. @param user who takes it */
  of(link: unknown, user: string): Sizing {
    const id = isLink(link) ? link[0] : null;
    const node = id === null ? undefined : this.nodes.get(id);
    if (id === null || node === undefined) return { lostAt: user };
    if (LOADS.test(node.class_type)) return this.#known(id, this.pictures.get(id) ?? null);
    if (KEEPS.test(node.class_type)) return this.of(node.inputs['image'] ?? node.inputs['image1'], id);
    switch (node.class_type) {
      case 'DistributedCollector':
        return this.of(node.inputs['images'], id);
      case 'EmptyImage':
        return this.#known(id, this.#sides(node));
      case 'ImageScale':
        return this.#scaled(id, node);
      case 'ImageScaleBy':
        return this.#times(id, node, this.#number(node, 'scale_by'));
      case 'ImageScaleToTotalPixels':
        return this.#toTotal(id, node);
      case 'ImageCrop':
        return this.#cropped(id, node);
      case 'ImagePadForOutpaint':
        return this.#padded(id, node);
      case 'ImageUpscaleWithModel':
        return this.#upscaled(id, node);
      case 'ImageResize+':
        return this.#resized(id, node);
      case 'VAEDecode':
      case 'VAEDecodeTiled':
        return this.#latent(node.inputs['samples'], id);
      default:
        return { lostAt: id };
    }
  }

  #latent(link: unknown, user: string): Sizing {
    const id = isLink(link) ? link[0] : null;
    const node = id === null ? undefined : this.nodes.get(id);
    if (id === null || node === undefined) return { lostAt: user };
    if (SAMPLES.test(node.class_type)) return this.#latent(node.inputs['latent_image'], id);
    if (EMPTY_LATENT.test(node.class_type)) return mapped(this.#known(id, this.#sides(node)), whole);
    if (node.class_type === 'VAEEncode' || node.class_type === 'VAEEncodeTiled') {
      return mapped(this.of(node.inputs['pixels'], id), whole);
    }
    return { lostAt: id };
  }

  #known(id: string, size: Size | null): Sizing {
    return size === null || size.width < 1 || size.height < 1 ? { lostAt: id } : { size, assumed: [] };
  }

  /** 0 on one side keeps the proportions, on both the size. */
  #scaled(id: string, node: ApiNode): Sizing {
    const wanted = this.#sides(node);
    if (wanted === null) return { lostAt: id };
    if (wanted.width > 0 && wanted.height > 0) return { size: wanted, assumed: [] };
    return mapped(this.of(node.inputs['image'], id), (from) => {
      if (wanted.width === 0 && wanted.height === 0) return from;
      return wanted.width === 0
        ? { width: atLeastOne((from.width * wanted.height) / from.height), height: wanted.height }
        : { width: wanted.width, height: atLeastOne((from.height * wanted.width) / from.width) };
    });
  }

  #times(id: string, node: ApiNode, factor: number | null): Sizing {
    if (factor === null || factor <= 0) return { lostAt: id };
    return mapped(this.of(node.inputs['image'], id), ({ width, height }) => ({
      width: Math.round(width * factor),
      height: Math.round(height * factor),
    }));
  }

  #toTotal(id: string, node: ApiNode): Sizing {
    const megapixels = this.#number(node, 'megapixels');
    if (megapixels === null || megapixels <= 0) return { lostAt: id };
    const step = this.#number(node, 'resolution_steps') ?? 1;
    return mapped(this.of(node.inputs['image'], id), ({ width, height }) => {
      const factor = Math.sqrt((megapixels * MEGAPIXEL) / (width * height));
      const side = (length: number): number => Math.round((length * factor) / step) * step;
      return { width: side(width), height: side(height) };
    });
  }

  #cropped(id: string, node: ApiNode): Sizing {
    const [wanted, x, y] = [this.#sides(node), this.#number(node, 'x'), this.#number(node, 'y')];
    if (wanted === null || x === null || y === null) return { lostAt: id };
    return mapped(this.of(node.inputs['image'], id), (from) => ({
      width: Math.min(wanted.width, from.width - Math.min(x, from.width - 1)),
      height: Math.min(wanted.height, from.height - Math.min(y, from.height - 1)),
    }));
  }

  #padded(id: string, node: ApiNode): Sizing {
    const [left, top, right, bottom] = ['left', 'top', 'right', 'bottom'].map((side) =>
      this.#number(node, side),
    );
    if (left == null || top == null || right == null || bottom == null) return { lostAt: id };
    return mapped(this.of(node.inputs['image'], id), ({ width, height }) => ({
      width: width + left + right,
      height: height + top + bottom,
    }));
  }

  /** What a model does is in its file alone; its name usually says it. */
  #upscaled(id: string, node: ApiNode): Sizing {
    const link = node.inputs['upscale_model'];
    const loader = isLink(link) ? this.nodes.get(link[0]) : undefined;
    const name = loader?.inputs['model_name'];
    const found = typeof name === 'string' ? FACTOR.exec(name) : null;
    const factor = Number(found?.[1] ?? found?.[2] ?? Number.NaN);
    if (found === null) return { lostAt: id };
    const sizing = this.#times(id, node, factor);
    if ('lostAt' in sizing) return sizing;
    return { ...sizing, assumed: [...sizing.assumed, `${String(name)} is taken to enlarge ${factor} times`] };
  }

  /** Of ComfyUI_essentials. */
  #resized(id: string, node: ApiNode): Sizing {
    const wanted = this.#sides(node);
    const [method, condition] = [node.inputs['method'] ?? 'stretch', node.inputs['condition'] ?? 'always'];
    const isPlain = condition === 'always' && (this.#number(node, 'multiple_of') ?? 0) <= 1;
    if (wanted === null || !isPlain || wanted.width < 1 || wanted.height < 1) return { lostAt: id };
    const assumed = [`ImageResize+ is taken to make ${wanted.width} × ${wanted.height}`];
    if (method !== 'keep proportion') return { size: wanted, assumed };
    const from = this.of(node.inputs['image'], id);
    if ('lostAt' in from) return from;
    const ratio = Math.min(wanted.width / from.size.width, wanted.height / from.size.height);
    const { width, height } = from.size;
    const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    return {
      size,
      assumed: [...from.assumed, `ImageResize+ is taken to make ${size.width} × ${size.height}`],
    };
  }

  #sides(node: ApiNode): Size | null {
    const [width, height] = [this.#number(node, 'width'), this.#number(node, 'height')];
    return width === null || height === null ? null : { width, height };
  }

  #number(node: ApiNode, input: string): number | null {
    const found = literalBehind(this.nodes, node.inputs[input]);
    const value = 'literal' in found ? found.literal : null;
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  }
}

function mapped(sizing: Sizing, change: (size: Size) => Size): Sizing {
  return 'lostAt' in sizing ? sizing : { ...sizing, size: change(sizing.size) };
}

/** Latents are whole eighths of a picture. */
function whole({ width, height }: Size): Size {
  return { width: Math.floor(width / LATENT) * LATENT, height: Math.floor(height / LATENT) * LATENT };
}

function atLeastOne(length: number): number {
  return Math.max(1, Math.round(length));
}
