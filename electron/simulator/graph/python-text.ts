/** Python's spelling of values, for messages that clients may show or compare. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
  }
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}

/** An exception with its Python class, raised by nodes and by validation. */
export class PythonError extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

function pythonTypeName(value: unknown): string {
  if (value === null) return 'NoneType';
  return Array.isArray(value) ? 'list' : 'dict';
}

/** A bigint where a double would round it. */
export function toInteger(value: unknown): number | bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return exact(Math.trunc(value));
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    if (/^\s*[+-]?\d+\s*$/.test(value)) return wholeNumber(value.trim());
    throw new PythonError('ValueError', `invalid literal for int() with base 10: ${pythonRepr(value)}`);
  }
  const kinds = 'a string, a bytes-like object or a real number';
  throw new PythonError('TypeError', `int() argument must be ${kinds}, not '${pythonTypeName(value)}'`);
}

/** Python's int() of a large float has all the digits of that float. */
function exact(value: number): number | bigint {
  return Number.isSafeInteger(value) || !Number.isFinite(value) ? value : BigInt(value);
}

function wholeNumber(digits: string): number | bigint {
  const rounded = Number(digits);
  return Number.isSafeInteger(rounded) ? rounded : BigInt(digits.replace('+', ''));
}

export function toFloat(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    if (value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
    throw new PythonError('ValueError', `could not convert string to float: ${pythonRepr(value)}`);
  }
  throw new PythonError(
    'TypeError',
    `float() argument must be a string or a real number, not '${pythonTypeName(value)}'`,
  );
}
