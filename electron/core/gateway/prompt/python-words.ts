/** Python's spelling of values and its conversions, in which ComfyUI words its errors. Pure. */

/** What Python would raise. */
export class PythonError extends Error {}

/** str() */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** repr() */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
    .join(', ')}}`;
}

/** int() @throws PythonError */
export function toInteger(value: unknown): number | bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return Math.trunc(Number(value));
  if (typeof value !== 'string') {
    const wanted = 'a string, a bytes-like object or a real number';
    throw new PythonError(`int() argument must be ${wanted}, not '${typeName(value)}'`);
  }
  if (!/^\s*[+-]?\d+(_\d+)*\s*$/.test(value)) {
    throw new PythonError(`invalid literal for int() with base 10: ${pythonRepr(value)}`);
  }
  const whole = BigInt(value.trim().replace('+', '').replaceAll('_', ''));
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

/** float() @throws PythonError */
export function toFloat(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return Number(value);
  if (typeof value !== 'string') {
    throw new PythonError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  }
  const special = /^\s*[+-]?(inf(inity)?|nan)\s*$/i.test(value);
  if (!special && (value.trim() === '' || Number.isNaN(Number(value)))) {
    throw new PythonError(`could not convert string to float: ${pythonRepr(value)}`);
  }
  return special ? 0 : Number(value);
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  return Array.isArray(value) ? 'list' : 'dict';
}
