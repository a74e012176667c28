import { toPlainText } from './ansi.ts';

/** Longer lines are cut: a progress bar gone wild or a dumped tensor must not fill the memory. */
export const MOST_LINE_BYTES = 16 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

/**
 * Bytes → lines of plain text. Works on bytes, so that a chunk may end anywhere, inside a character too; broken UTF-8
 * becomes U+FFFD. Of text that was overwritten with carriage returns (progress bars) the last state is kept.
 */
export class LineSplitter {
  #held: Buffer = NOTHING;
  /** Bytes of the unfinished line that were not kept. */
  #cut = 0;
  /** The unfinished line is one that overwrites itself. */
  #overwrote = false;
  /** Its beginning was given out already. */
  #flushed = false;

  /** @returns the lines that this chunk finished */
  push(chunk: Buffer): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const line = this.#finish(chunk.subarray(start, end));
      if (line !== null) lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    return lines;
  }

  /** True while the text of an unfinished line is held. */
  get pending(): boolean {
    return this.#held.length > 0;
  }

  /** True when the unfinished line is one that overwrites itself, a progress bar. */
  get overwriting(): boolean {
    return this.#overwrote || this.#held.includes(CR);
  }

  /** Gives out the unfinished line, but for the bytes of a character that has not come whole. */
  flush(): string | null {
    const whole = wholeCharacters(this.#held);
    if (whole === 0) return null;
    const line = toLine(this.#held.subarray(0, whole), this.#cut);
    this.#held = Buffer.from(this.#held.subarray(whole));
    this.#cut = 0;
    this.#flushed = true;
    return line;
  }

  /** Forgets the unfinished line. */
  reset(): void {
    this.#held = NOTHING;
    this.#cut = 0;
    this.#overwrote = false;
    this.#flushed = false;
  }

  /** @returns null for the bare end of a line whose text was given out before */
  #finish(rest: Buffer): string | null {
    if (this.#held.length === 0 && !this.#flushed) {
      this.#overwrote = false;
      return toLine(lastState(rest), 0);
    }
    this.#hold(rest);
    const line = toLine(lastState(this.#held), this.#cut);
    const bare = this.#flushed && line === '';
    this.reset();
    return bare ? null : line;
  }

  #hold(bytes: Buffer): void {
    const joined = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const overwritten = lastReturn(joined);
    if (overwritten >= 0) {
      this.#overwrote = true;
      this.#cut = 0;
    }
    const text = joined.subarray(overwritten + 1);
    this.#cut += Math.max(0, text.length - MOST_LINE_BYTES);
    // A copy: a view would keep the whole chunk alive.
    this.#held = Buffer.from(text.subarray(0, MOST_LINE_BYTES));
  }
}

/** Where the last carriage return stands that has text behind it; -1 when there is none. */
function lastReturn(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === CR) end -= 1;
  return end === 0 ? -1 : bytes.lastIndexOf(CR, end - 1);
}

function lastState(bytes: Buffer): Buffer {
  return bytes.subarray(lastReturn(bytes) + 1);
}

function toLine(bytes: Buffer, cutBefore: number): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === CR) end -= 1;
  const kept = Math.min(end, MOST_LINE_BYTES);
  const cut = cutBefore + end - kept;
  const whole = cut > 0 ? wholeCharacters(bytes.subarray(0, kept)) : kept;
  const text = toPlainText(bytes.toString('utf8', 0, whole));
  return cut > 0 ? `${text} … (${cut + kept - whole} more bytes)` : text;
}

/** Length without the first bytes of a UTF-8 character that is not complete yet. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
