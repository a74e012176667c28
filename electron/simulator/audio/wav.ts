import type { Sound } from './flac.ts';

/** Reads WAV of 16-bit integers. @throws Error for anything else */
export function decodeWav(bytes: Buffer): Sound {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error('not a WAV file');
  }
  const format = chunkOf(bytes, 'fmt ');
  const data = chunkOf(bytes, 'data');
  if (format.readUInt16LE(14) !== 16) throw new Error('only 16 bits a sample are read here');
  const count = format.readUInt16LE(2);
  const length = Math.floor(data.length / 2 / count);
  const channels = Array.from({ length: count }, (_, channel) =>
    Int16Array.from({ length }, (_unused, index) => data.readInt16LE((index * count + channel) * 2)),
  );
  return { sampleRate: format.readUInt32LE(4), channels };
}

function chunkOf(bytes: Buffer, name: string): Buffer {
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === name) return bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  throw new Error(`a WAV file without its part “${name}”`);
}
