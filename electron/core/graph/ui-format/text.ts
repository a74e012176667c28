/** What the page does to texts while it queues: choices in braces, and node values or dates in file names. */

/** Where chance and time come from; without them the first choice is taken and dates stay as they are. */
export interface TextSources {
  /** In [0, 1). */
  readonly random?: () => number;
  readonly now?: Date;
}

/** `{a|b|{c|d}}` becomes one of its choices, comments go, `\{` is a brace. */
export function chooseText(text: string, random: () => number): string {
  const stripped = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  let result = '';
  let at = 0;
  while (at < stripped.length) {
    const char = stripped.charAt(at);
    if (char === '\\') {
      result += stripped.slice(at, at + 2);
      at += 2;
    } else if (char === '{') {
      const block = readChoices(stripped, at + 1);
      const chosen = block.choices[Math.floor(random() * block.choices.length)] ?? '';
      result += chooseText(chosen, random);
      at = block.end;
    } else {
      result += char;
      at += 1;
    }
  }
  return result.replace(/\\([{}|])/g, '$1');
}

/** Whether chance has a say in this text. */
export function hasChoices(text: string): boolean {
  return /\{[^{}]*\|/.test(text);
}

function readChoices(
  text: string,
  start: number,
): { readonly choices: readonly string[]; readonly end: number } {
  const choices: string[] = [];
  let depth = 0;
  let from = start;
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '{') depth += 1;
    else if (char === '}' && depth > 0) depth -= 1;
    else if (char === '}') break;
    else if (char === '|' && depth === 0) {
      choices.push(text.slice(from, at));
      from = at + 1;
    }
  }
  choices.push(text.slice(from, at));
  return { choices, end: at + 1 };
}

/**
 * Fills in `%Node.widget%` and `%date:yyyy-MM-dd%`; everything else between percent signs is the server's.
 * @param widgetValue null when there is no such node or widget
 */
export function fillFileName(
  text: string,
  widgetValue: (node: string, widget: string) => unknown,
  now: Date | undefined,
): string {
  return text.replace(/%([^%]+)%/g, (whole, inner: string) => {
    const [node, widget, ...more] = inner.split('.');
    if (node === undefined || widget === undefined || more.length > 0) {
      return inner.startsWith('date:') && now ? formatDate(inner.slice('date:'.length), now) : whole;
    }
    const value = widgetValue(node, widget);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: file names may not hold them
    return value === null ? whole : String(value ?? '').replace(/[/?<>\\:*|"\x00-\x1f\x7f]/g, '_');
  });
}

function formatDate(format: string, now: Date): string {
  const parts: Readonly<Record<string, number>> = {
    d: now.getDate(),
    M: now.getMonth() + 1,
    h: now.getHours(),
    m: now.getMinutes(),
    s: now.getSeconds(),
  };
  const year = String(now.getFullYear());
  return format.replace(/dd?|MM?|hh?|mm?|ss?|yyyy|yy|yyy?/g, (key) => {
    const part = parts[key.charAt(0)];
    if (part === undefined) return year.slice(-key.length);
    return String(part).padStart(key.length, '0');
  });
}
