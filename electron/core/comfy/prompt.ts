/** A workflow in ComfyUI's API format: node id → class and inputs; a link is `[node id, output index]`. */
export type ApiPrompt = Readonly<Record<string, ApiNode>>;

export interface ApiNode {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly _meta?: { readonly title?: string };
}

/** What a person calls the node: its title, else its class. */
export function nodeTitle(prompt: ApiPrompt, nodeId: string): string | null {
  const node = prompt[nodeId];
  return node?._meta?.title ?? node?.class_type ?? null;
}
