/** Terminal text made plain. Patterns are built from code points so that no control character stands in the source. */

const ESC = '\\u001b';
const BEL = '\\u0007';

/** Colours and cursor moves (CSI), titles and links (OSC), device strings, and two-byte sequences. */
const SEQUENCES = new RegExp(
  [
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]`,
    `${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)`,
    `${ESC}[PX^_][^${ESC}]*${ESC}\\\\`,
    `${ESC}[ -/]*[0-Z\\\\-~]`,
  ].join('|'),
  'g',
);

/** Control characters but the tab; format characters that reorder text (bidi) or hide go as well. */
const CONTROLS = /(?!\t)[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\ufeff]/gu;

/** One line's text without ANSI sequences and control characters. */
export function toPlainText(text: string): string {
  return isPlain(text) ? text : text.replace(SEQUENCES, '').replace(CONTROLS, '');
}

/** Most lines are: printable ASCII and tabs need no second look. */
function isPlain(text: string): boolean {
  return /^[\t -~]*$/.test(text);
}
