import type { Tone } from '../../shared/condition.ts';

/** Where the command line prints; injected so that a test can read it. */
export interface Terminal {
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
  /** Only for people: a TTY, and NO_COLOR is not set. */
  readonly hasColor: boolean;
  /** Null where nobody looks: output goes into a file or a program. */
  readonly screen: Screen | null;
}

/** What progress is drawn on again and again. */
export interface Screen {
  /** In cells. */
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
  onResize(listener: () => void): () => void;
}

const COLORS: Readonly<Record<Tone, string>> = {
  neutral: '2',
  ok: '32',
  busy: '36',
  warning: '33',
  error: '31',
};

export function createTerminal(
  out: NodeJS.WriteStream,
  err: NodeJS.WriteStream,
  environment: NodeJS.ProcessEnv,
): Terminal {
  return {
    print: (line) => void out.write(`${line}\n`),
    printError: (line) => void err.write(`${line}\n`),
    // https://no-color.org: any value but the empty one.
    hasColor: out.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb',
    screen: out.isTTY === true && environment['TERM'] !== 'dumb' ? screenOf(out) : null,
  };
}

function screenOf(out: NodeJS.WriteStream): Screen {
  return {
    size: () => ({ columns: out.columns || 80, rows: out.rows || 24 }),
    write: (text) => void out.write(text),
    onResize: (listener) => {
      out.on('resize', listener);
      return () => out.off('resize', listener);
    },
  };
}

export function paint(terminal: Terminal, tone: Tone, text: string): string {
  return terminal.hasColor ? `\u001b[${COLORS[tone]}m${text}\u001b[0m` : text;
}

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

/** Columns as wide as their widest cell; the last one is not padded, so that nothing trails. */
export function table(
  terminal: Terminal,
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
): readonly string[] {
  const all = [header.map((text): Cell => ({ text, tone: 'neutral' })), ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => widthOf(row[column]?.text ?? ''))));
  return all.map((row) =>
    row
      .map(({ text, tone }, column) => {
        const gap = column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - widthOf(text) + 2);
        return (tone === undefined ? text : paint(terminal, tone, text)) + gap;
      })
      .join(''),
  );
}

/** Emoji and East Asian letters take two cells. */
const WIDE =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;

/** In terminal cells, by characters as people see them: names may hold anything. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** At most `cells` wide, with an ellipsis in place of what was cut. */
export function cutTo(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let kept = '';
  let width = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += WIDE.test(segment) ? 2 : 1;
    if (width > cells) break;
    kept += segment;
  }
  return cells < 1 ? '' : `${kept}…`;
}
