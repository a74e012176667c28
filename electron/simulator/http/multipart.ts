export interface FormPart {
  readonly name: string;
  /** Null for a plain field. */
  readonly filename: string | null;
  readonly content: Buffer;
}

/** The parts of a multipart/form-data body by name; the first of a name wins. */
export function parseMultipart(body: Buffer, contentType: string | undefined): ReadonlyMap<string, FormPart> {
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '');
  const boundary = match?.[1] ?? match?.[2];
  const parts = new Map<string, FormPart>();
  if (boundary === undefined) return parts;
  const delimiter = Buffer.from(`--${boundary}`);
  let start = body.indexOf(delimiter);
  while (start >= 0) {
    const from = start + delimiter.length + 2;
    const end = body.indexOf(delimiter, from);
    if (end < 0) break;
    const part = parsePart(body.subarray(from, end - 2));
    if (part !== null && !parts.has(part.name)) parts.set(part.name, part);
    start = end;
  }
  return parts;
}

function parsePart(bytes: Buffer): FormPart | null {
  const split = bytes.indexOf('\r\n\r\n');
  if (split < 0) return null;
  const head = bytes.toString('utf8', 0, split);
  const name = /name="([^"]*)"/i.exec(head.replace(/filename\*?="[^"]*"/gi, ''))?.[1];
  if (name === undefined) return null;
  const filename = /filename="((?:[^"\\]|\\.)*)"/i.exec(head)?.[1] ?? null;
  return {
    name,
    filename: filename === null ? null : filename.replaceAll('%22', '"'),
    content: bytes.subarray(split + 4),
  };
}
