/** How often pages are told of what keeps changing. */

/** No page can show more than a thousand changes a second: after many the next message waits longer. */
const PER_CHANGE_MS = 1;
export const SLOWEST_MS = 500;

/**
 * @param changes in the message that has just gone out
 * @param usualMs between two messages that tell little
 * @returns until the next one, ms
 */
export function paceAfter(changes: number, usualMs: number): number {
  return Math.min(SLOWEST_MS, Math.max(usualMs, changes * PER_CHANGE_MS));
}
