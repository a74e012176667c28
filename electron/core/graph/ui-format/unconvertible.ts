import { inputType, type NodeDefinition } from '../catalog.ts';
import type { UiNode } from './document.ts';
import { isGroupNode, isSetOrGet } from './virtual-nodes.ts';

/** Inputs that only an open page can fill: a view of a scene, a camera, a microphone. */
const PAGE_INPUTS: Readonly<Record<string, string>> = {
  LOAD_3D: 'the picture that the ComfyUI page takes of its 3D view',
  WEBCAM: 'a picture from the camera of the ComfyUI page',
  AUDIO_RECORD: 'a recording made in the ComfyUI page',
};

/** Why a node cannot be converted, or null when it can. */
export function whyNot(node: UiNode, definition: NodeDefinition | null): string | null {
  if (!definition) return missing(node);
  for (const spec of Object.values(definition.input.required)) {
    const needed = PAGE_INPUTS[inputType(spec) ?? ''];
    if (needed !== undefined) return `it needs ${needed}`;
  }
  return null;
}

function missing(node: UiNode): string {
  if (isGroupNode(node)) return 'it is an old group node; turn it into a subgraph in the ComfyUI page';
  if (isSetOrGet(node)) return 'the ComfyUI page resolves it while it queues';
  return 'no definition of its class is known';
}
