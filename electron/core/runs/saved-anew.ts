import type { ApiPrompt } from '../comfy/prompt.ts';

/** Another prefix makes a server save again what it would else answer out of its cache. */
export function savedAnew(prompt: ApiPrompt, times: number): ApiPrompt {
  if (times === 0) return prompt;
  return Object.fromEntries(
    Object.entries(prompt).map(([id, node]) => {
      const prefix = node.inputs['filename_prefix'];
      if (typeof prefix !== 'string') return [id, node];
      return [id, { ...node, inputs: { ...node.inputs, filename_prefix: `${prefix}~${times}` } }];
    }),
  );
}
