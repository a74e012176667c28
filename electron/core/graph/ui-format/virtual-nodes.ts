import type { UiNode } from './document.ts';

/** Nodes that exist in the page alone and are never sent to a server. */

const REROUTES: ReadonlySet<string> = new Set(['Reroute', 'Reroute (rgthree)']);

/** They hold no data: leaving them out changes nothing. */
const DECORATIONS: ReadonlySet<string> = new Set([
  ...['Note', 'MarkdownNote', 'Label (rgthree)', 'Bookmark (rgthree)', 'Node Collector (rgthree)'],
  ...['Fast Muter (rgthree)', 'Fast Bypasser (rgthree)', 'Fast Actions Button (rgthree)'],
  ...['Fast Groups Muter (rgthree)', 'Fast Groups Bypasser (rgthree)'],
  ...['Mute / Bypass Repeater (rgthree)', 'Mute / Bypass Relay (rgthree)'],
]);

export function isReroute(node: UiNode): boolean {
  return REROUTES.has(node.type);
}

export function isVirtual(node: UiNode): boolean {
  return isReroute(node) || DECORATIONS.has(node.type) || node.type === 'PrimitiveNode';
}

/** Their links are drawn by the page while it queues; the file does not have them. */
export function linksUnseen(node: UiNode): boolean {
  return /^(?:Anything|Prompts|Seed) Everywhere/.test(node.type);
}

/** Nodes that packs (KJNodes and others) resolve in the page. */
export function isSetOrGet(node: UiNode): boolean {
  return node.type === 'SetNode' || node.type === 'GetNode';
}

/** Old group nodes, before subgraphs. */
export function isGroupNode(node: UiNode): boolean {
  return /^workflow[/>]/.test(node.type);
}
