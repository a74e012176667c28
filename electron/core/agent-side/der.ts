/** As much of DER (X.690) as a certificate needs. */

const TAG = { integer: 0x02, bits: 0x03, object: 0x06, text: 0x0c, time: 0x18, sequence: 0x30, set: 0x31 };
const LONG_FORM = 0x80;

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(TAG.sequence, Buffer.concat(parts));
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return tagged(TAG.set, Buffer.concat(parts));
}

/** @param bytes big-endian, without a sign */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const trimmed = first < 0 ? Buffer.from([0]) : bytes.subarray(first);
  // The highest bit would make it negative.
  const negative = ((trimmed[0] ?? 0) & LONG_FORM) !== 0;
  return tagged(TAG.integer, negative ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}

export function bits(bytes: Uint8Array): Buffer {
  return tagged(TAG.bits, Buffer.concat([Buffer.from([0]), bytes]));
}

export function utf8(text: string): Buffer {
  return tagged(TAG.text, Buffer.from(text, 'utf8'));
}

/** @param time "YYYYMMDDHHMMSSZ" */
export function generalizedTime(time: string): Buffer {
  return tagged(TAG.time, Buffer.from(time, 'ascii'));
}

/** @param dotted e.g. "2.5.4.3" */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(TAG.object, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** "[n] EXPLICIT" of a certificate's fields. */
export function explicit(number: number, content: Uint8Array): Buffer {
  return tagged(0xa0 + number, content);
}

function tagged(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.byteLength)]), content]);
}

function lengthOf(length: number): readonly number[] {
  if (length < LONG_FORM) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [LONG_FORM + digits.length, ...digits];
}

function base128(value: number): readonly number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest % 128) + 128);
  }
  return digits;
}
