/** Splits what a person typed under "Extra arguments" into argv, the way the platform's own command line would. */

export type ParsedArguments = { readonly argv: readonly string[] } | { readonly problem: string };

/** Never throws; text that cannot be split (an open quote, a control character) gives one sentence that says why. */
export function parseArguments(text: string, platform: NodeJS.Platform): ParsedArguments {
  if (text.includes('\0')) return { problem: 'The arguments contain a NUL character.' };
  return platform === 'win32' ? parseWindows(text) : parsePosix(text);
}

const BLANK = /\s/;

/** POSIX shell quoting: '…' is literal, "…" knows \" \\ \$ \` and \newline, a bare backslash keeps the next character. */
function parsePosix(text: string): ParsedArguments {
  const argv: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const next = text.charAt(index + 1);
    if (quote === "'") {
      if (character === "'") quote = null;
      else word = (word ?? '') + character;
    } else if (character === '\\') {
      if (next === '') return { problem: 'The arguments end with a single backslash.' };
      index += 1;
      word = (word ?? '') + unescaped(next, quote === '"');
    } else if (quote === '"') {
      if (character === '"') quote = null;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (BLANK.test(character)) {
      if (word !== null) argv.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== null) return openQuote(quote);
  if (word !== null) argv.push(word);
  return { argv };
}

function unescaped(next: string, quoted: boolean): string {
  if (next === '\n') return '';
  if (quoted && !'"\\$`'.includes(next)) return `\\${next}`;
  return next;
}

/**
 * The rules of Windows' own C runtime: a backslash is an ordinary character unless a run of them stands before a
 * double quote, where each pair gives one and an odd one makes the quote literal; "" inside quotes is one quote.
 */
function parseWindows(text: string): ParsedArguments {
  const argv: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '\\') {
      const run = backslashes(text, index);
      const beforeQuote = text.charAt(index + run) === '"';
      word = (word ?? '') + '\\'.repeat(beforeQuote ? Math.floor(run / 2) : run);
      index += run - 1;
      if (beforeQuote && run % 2 === 1) {
        word += '"';
        index += 1;
      }
    } else if (character === '"') {
      word ??= '';
      if (quoted && text.charAt(index + 1) === '"') {
        word += '"';
        index += 1;
      } else {
        quoted = !quoted;
      }
    } else if (!quoted && BLANK.test(character)) {
      if (word !== null) argv.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quoted) return openQuote('"');
  if (word !== null) argv.push(word);
  return { argv };
}

function backslashes(text: string, from: number): number {
  let end = from;
  while (text.charAt(end) === '\\') end += 1;
  return end - from;
}

function openQuote(quote: string): ParsedArguments {
  return { problem: `A quote ( ${quote} ) is opened but never closed.` };
}
