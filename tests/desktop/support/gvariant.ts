/**
 * Reads GVariant's text format, as gdbus prints it, into plain values: tuples and arrays become arrays, dictionaries
 * objects, variants their content. https://docs.gtk.org/glib/gvariant-text-format.html
 */
export function parseVariant(text: string): unknown {
  return new Reader(text).value();
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  value(): unknown {
    this.#skip();
    const start = this.text[this.#at] ?? '';
    if (start === "'" || start === '"') return this.#string(start);
    if (start === '{') return this.#dictionary();
    if (start === '<') return this.#items('<')[0];
    if (start === '(' || start === '[') return this.#items(start);
    return this.#word();
  }

  /** Numbers and booleans, and type names ("uint32 5", "@av []", "objectpath '/a'") in front of another value. */
  #word(): unknown {
    const [word = ''] = /^[^\s,:<>()[\]{}'"]+/.exec(this.text.slice(this.#at)) ?? [];
    if (word === '')
      throw new Error(`No GVariant at ${this.#at}: ${this.text.slice(this.#at, this.#at + 40)}`);
    this.#at += word.length;
    if (word === 'true' || word === 'false') return word === 'true';
    if (/^-?\d/.test(word)) return Number(word);
    return this.#typed();
  }

  #typed(): unknown {
    // A type in brackets ("@a{sv}", "@(ii)") is part of the name.
    const [rest = ''] = /^[{(][a-z]+[})]/.exec(this.text.slice(this.#at)) ?? [];
    this.#at += rest.length;
    return this.value();
  }

  #items(opening: string): unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    while (!this.#ends(opening)) {
      items.push(this.value());
      this.#take(',');
    }
    return items;
  }

  #dictionary(): Record<string, unknown> {
    const entries: Record<string, unknown> = {};
    this.#at += 1;
    while (!this.#ends('{')) {
      const key = String(this.value());
      this.#take(':');
      entries[key] = this.value();
      this.#take(',');
    }
    return entries;
  }

  #string(quote: string): string {
    let result = '';
    for (this.#at += 1; this.text[this.#at] !== quote; this.#at += 1) {
      if (this.#at >= this.text.length) throw new Error('A GVariant string does not end');
      if (this.text[this.#at] === '\\') this.#at += 1;
      result += this.text[this.#at];
    }
    this.#at += 1;
    return result;
  }

  #ends(opening: string): boolean {
    return this.#take(CLOSING[opening] ?? '');
  }

  #take(character: string): boolean {
    this.#skip();
    if (this.text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skip(): void {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at += 1;
  }
}
