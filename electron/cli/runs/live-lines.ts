import { type Screen, widthOf } from '../terminal.ts';

/** Control sequences take no cell. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const SEQUENCE = /\u001b\[[0-9;]*m/g;

/** Lines at the bottom of the screen that are drawn over each other. */
export class LiveLines {
  readonly #screen: Screen;
  #drawn: readonly string[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\n`).join('');
    this.#screen.write(`${this.#erasing()}${text}`);
    this.#drawn = lines;
  }

  /** Lets plain lines be printed; the next draw() comes below them. */
  clear(): void {
    if (this.#drawn.length > 0) this.#screen.write(this.#erasing());
    this.#drawn = [];
  }

  /** A terminal that became narrower has broken the old lines into more rows than were drawn. */
  #erasing(): string {
    const { columns } = this.#screen.size();
    const rows = this.#drawn.reduce((sum, line) => {
      const cells = widthOf(line.replace(SEQUENCE, ''));
      return sum + Math.max(1, Math.ceil(cells / columns));
    }, 0);
    return rows === 0 ? '' : `\r\u001b[${rows}A\u001b[J`;
  }
}
