import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';

/**
 * Places in the whole batch that come out of a latent node, as ComfyUI 0.3.64 counts them (batch_index); refuses numbers
 * that its nodes refuse.
 */
export function placesOf(prompt: ApiPrompt, id: string): readonly number[] {
  const node = prompt[id];
  if (node === undefined) throw new Error(`no node ${id}`);
  const from = (input: string): readonly number[] => {
    const link = node.inputs[input];
    if (!Array.isArray(link)) throw new Error(`${id}.${input} is no link`);
    return placesOf(prompt, String(link[0]));
  };
  const number = (input: string, least: number, most: number): number => {
    const value = node.inputs[input];
    if (typeof value !== 'number' || value < least || value > most)
      throw new Error(`${id}.${input} = ${value}`);
    return value;
  };
  switch (node.class_type) {
    case 'LatentFromBatch': {
      const places = from('samples');
      const first = Math.min(places.length - 1, number('batch_index', 0, 63));
      return places.slice(first, first + number('length', 1, 64));
    }
    case 'RepeatLatentBatch': {
      const places = from('samples');
      const step = Math.max(...places) - Math.min(...places) + 1;
      return Array.from({ length: number('amount', 1, 64) }, (_, n) =>
        places.map((place) => place + n * step),
      ).flat();
    }
    case 'LatentBatch':
      return [...from('samples1'), ...from('samples2')];
    default:
      return Array.from({ length: number('batch_size', 1, 4096) }, (_, place) => place);
  }
}
