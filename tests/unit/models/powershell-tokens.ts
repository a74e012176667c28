/**
 * Reads arguments as PowerShell's tokenizer does: '…' where two quotes of any kind are one, and (… + …) of such strings and
 * [char]0x…. Anything else is code, and throws.
 */
export function powershellTokens(code: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  const skip = (): void => {
    while (code[at] === ' ') at += 1;
  };
  const value = (): string => {
    if (isQuote(code[at])) return quoted();
    const char = /^\[char\]0x([0-9a-f]{4})/.exec(code.slice(at));
    if (char === null) throw new Error(`code at ${at}: ${code.slice(at, at + 40)}`);
    at += char[0].length;
    return String.fromCharCode(Number.parseInt(char[1] ?? '', 16));
  };
  const quoted = (): string => {
    let text = '';
    for (at += 1; ; at += 1) {
      const next = code[at];
      if (next === undefined) throw new Error('a string that does not end');
      if (!isQuote(next)) text += next;
      else if (isQuote(code[at + 1])) {
        at += 1;
        text += code[at];
      } else break;
    }
    at += 1;
    return text;
  };
  for (skip(); at < code.length; skip()) {
    if (code[at] !== '(') {
      tokens.push(value());
      continue;
    }
    at += 1;
    let text = value();
    for (skip(); code[at] === '+'; skip()) {
      at += 1;
      skip();
      text += value();
    }
    if (code[at] !== ')') throw new Error(`no ) at ${at}`);
    at += 1;
    tokens.push(text);
  }
  return tokens;
}

function isQuote(char: string | undefined): boolean {
  return char !== undefined && "'‘’‚‛".includes(char);
}
