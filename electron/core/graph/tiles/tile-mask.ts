import type { ApiNode } from '../../comfy/prompt.ts';
import type { Link } from '../node-graph.ts';
import { addNode } from '../node-graph.ts';
import type { Size, Tile } from './tile-grid.ts';

/** Masks by which tiles are pasted: a white rectangle with a soft edge, made of ComfyUI's own nodes. */

/** What ImageBlur takes at most, pixels; its `sigma` is a share of its radius (ComfyUI 0.3.64 and 0.33.0). */
const MOST_RADIUS = 31;
/** So many σ beyond an edge nothing is left of it. */
const REACH = 3;
const LEAST_SIGMA = 0.1;

/** Tiles of the same place in their crops share a mask. */
export class TileMasks {
  readonly #made = new Map<string, Link>();

  constructor(
    private readonly nodes: Map<string, ApiNode>,
    private readonly id: string,
    private readonly crop: Size,
    private readonly blur: number,
  ) {}

  of({ part }: Tile): Link {
    const key = JSON.stringify([part.x, part.y, part.width, part.height]);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const mask = this.#make(part);
    this.#made.set(key, mask);
    return mask;
  }

  #make(part: Tile['part']): Link {
    const sharp = this.#rectangle(part);
    if (this.blur === 0) return sharp;
    // A wider blur than the node can is a narrow one of a smaller picture.
    const shrink = Math.ceil((REACH * this.blur) / MOST_RADIUS);
    const blur = this.blur / shrink;
    const { width, height } = this.crop;
    const small = { width: Math.ceil(width / shrink), height: Math.ceil(height / shrink) };
    // It mirrors at the edges, and so needs more pixels than it reaches.
    const most = Math.min(MOST_RADIUS, small.width - 1, small.height - 1);
    const radius = Math.max(1, Math.min(most, Math.ceil(REACH * blur)));
    const sigma = Math.max(LEAST_SIGMA, blur / radius);
    const picture = this.#add('soft', 'MaskToImage', { mask: sharp });
    const shrunk = shrink === 1 ? picture : this.#scale(picture, small);
    const blurred = this.#add('blur', 'ImageBlur', { image: shrunk, blur_radius: radius, sigma });
    const whole = shrink === 1 ? blurred : this.#scale(blurred, this.crop);
    return this.#add('mask', 'ImageToMask', { image: whole, channel: 'red' });
  }

  #rectangle({ x, y, width, height }: Tile['part']): Link {
    const destination = this.#add('black', 'SolidMask', { value: 0, ...this.crop });
    const source = this.#add('white', 'SolidMask', { value: 1, width, height });
    return this.#add('part', 'MaskComposite', { destination, source, x, y, operation: 'add' });
  }

  #scale(image: Link, size: Size): Link {
    const how = { upscale_method: 'bilinear', crop: 'disabled' };
    return this.#add('mask-size', 'ImageScale', { image, ...size, ...how });
  }

  #add(what: string, className: string, inputs: ApiNode['inputs']): Link {
    return addNode(this.nodes, `${this.id}-${what}`, className, inputs, 'Soft edges of the tiles');
  }
}
