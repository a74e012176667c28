/** Texts as one literal of a shell: nothing in them is ever read as code. */

/** Between single quotes bash takes everything as it is, but the quote itself. */
export function bashLiteral(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Printable ASCII between single quotes, everything else by its number: Windows PowerShell reads a file without a byte order
 * mark in the language of the system, and takes typographic quotes for its own.
 */
export function powershellLiteral(text: string): string {
  const parts = text.match(/[ -~]+|[^ -~]/g) ?? [];
  const literals = parts.map((part) =>
    /^[ -~]/.test(part)
      ? `'${part.replaceAll("'", "''")}'`
      : `[char]0x${part.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (literals.length === 1 && literals[0]?.startsWith("'")) return literals[0];
  return `(${["''", ...literals].join(' + ')})`;
}
