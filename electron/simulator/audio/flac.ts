import { createHash } from 'node:crypto';

/** Writes and reads FLAC, 16 bits a sample, without compressing anything but silence. */

export interface Sound {
  /** Samples per second. */
  readonly sampleRate: number;
  /** One array per channel, equally long. */
  readonly channels: readonly Int16Array[];
}

const BLOCK = 4096;
const STREAMINFO = 0;
const VORBIS_COMMENT = 4;
const CONSTANT = 0x00;
const VERBATIM = 0x02;

function crcTable(bits: 8 | 16, polynomial: number): Uint16Array {
  const top = 1 << (bits - 1);
  const mask = (1 << bits) - 1;
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (bits - 8);
    for (let bit = 0; bit < 8; bit += 1)
      value = (value & top ? (value << 1) ^ polynomial : value << 1) & mask;
    return value;
  });
}
const CRC8 = crcTable(8, 0x07);
const CRC16 = crcTable(16, 0x8005);

function crc8(bytes: Uint8Array): number {
  return bytes.reduce((crc, byte) => CRC8[crc ^ byte] ?? 0, 0);
}

function crc16(bytes: Uint8Array): number {
  return bytes.reduce((crc, byte) => ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ byte] ?? 0), 0);
}

/** @param comments e.g. prompt → JSON, as ComfyUI writes them */
export function encodeFlac(sound: Sound, comments: Readonly<Record<string, string>>): Buffer {
  const length = sound.channels[0]?.length ?? 0;
  const frames: Buffer[] = [];
  for (let start = 0; start < length; start += BLOCK) frames.push(frame(sound, start, start / BLOCK));
  const info = streamInfo(sound, length);
  return Buffer.concat([
    Buffer.from('fLaC'),
    block(STREAMINFO, info, false),
    block(VORBIS_COMMENT, commentBlock(comments), true),
    ...frames,
  ]);
}

function block(type: number, content: Buffer, last: boolean): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(type | (last ? 0x80 : 0));
  head.writeUIntBE(content.length, 1, 3);
  return Buffer.concat([head, content]);
}

function streamInfo({ sampleRate, channels }: Sound, length: number): Buffer {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(BLOCK, 0);
  info.writeUInt16BE(BLOCK, 2);
  // 20 bits of rate, 3 of channels − 1, 5 of bits − 1, 36 of samples.
  const packed =
    (BigInt(sampleRate) << 44n) | (BigInt(channels.length - 1) << 41n) | (15n << 36n) | BigInt(length);
  info.writeBigUInt64BE(packed, 10);
  createHash('md5').update(interleaved(channels, length)).digest().copy(info, 18);
  return info;
}

function interleaved(channels: readonly Int16Array[], length: number): Buffer {
  const bytes = Buffer.alloc(length * channels.length * 2);
  let at = 0;
  for (let index = 0; index < length; index += 1) {
    for (const channel of channels) at = bytes.writeInt16LE(channel[index] ?? 0, at);
  }
  return bytes;
}

function commentBlock(comments: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(comments).map(([name, text]) => sized(`${name}=${text}`));
  const count = Buffer.alloc(4);
  count.writeUInt32LE(entries.length);
  return Buffer.concat([sized('simulated'), count, ...entries]);
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  return Buffer.concat([size, bytes]);
}

function frame({ channels }: Sound, start: number, number: number): Buffer {
  const parts = channels.map((channel) => channel.subarray(start, start + BLOCK));
  const size = Buffer.alloc(2);
  size.writeUInt16BE((parts[0]?.length ?? 1) - 1);
  // Sync with blocks of one size; the size itself at the end of the head; rate as in STREAMINFO; 16 bits.
  const fixed = Buffer.from([0xff, 0xf8, 0x70, ((channels.length - 1) << 4) | 0x08]);
  const head = Buffer.concat([fixed, codedNumber(number), size]);
  const body = Buffer.concat([head, Buffer.from([crc8(head)]), ...parts.map(subframe)]);
  const end = Buffer.alloc(2);
  end.writeUInt16BE(crc16(body));
  return Buffer.concat([body, end]);
}

/** Frame numbers are written as UTF-8 writes code points. */
function codedNumber(number: number): Buffer {
  return Buffer.from(String.fromCodePoint(number));
}

function subframe(samples: Int16Array): Buffer {
  const first = samples[0] ?? 0;
  const isConstant = samples.every((sample) => sample === first);
  const written = isConstant ? samples.subarray(0, 1) : samples;
  const bytes = Buffer.alloc(1 + written.length * 2);
  bytes.writeUInt8(isConstant ? CONSTANT : VERBATIM);
  for (const [index, sample] of written.entries()) bytes.writeInt16BE(sample, 1 + index * 2);
  return bytes;
}

/** @throws Error for what this module would not have written: compressed, other than 16 bits, cut short */
export function decodeFlac(bytes: Buffer): Sound {
  if (bytes.toString('latin1', 0, 4) !== 'fLaC') throw new Error('not a FLAC file');
  const packed = bytes.readBigUInt64BE(18);
  const sampleRate = Number(packed >> 44n);
  const length = Number(packed & 0xf_ffff_ffffn);
  const channels = Array.from({ length: Number((packed >> 41n) & 7n) + 1 }, () => new Int16Array(length));
  let at = framesStart(bytes);
  for (let start = 0; start < length; start += BLOCK) at = readFrame(bytes, at, start, channels);
  return { sampleRate, channels };
}

function framesStart(bytes: Buffer): number {
  let at = 4;
  for (let last = false; !last; ) {
    last = bytes.readUInt8(at) >= 0x80;
    at += 4 + bytes.readUIntBE(at + 1, 3);
  }
  return at;
}

function readFrame(bytes: Buffer, from: number, start: number, channels: readonly Int16Array[]): number {
  let at = from + 4 + codedNumber(start / BLOCK).length;
  const count = bytes.readUInt16BE(at) + 1;
  at += 3;
  for (const channel of channels) {
    const kind = bytes.readUInt8(at);
    at += 1;
    if (kind !== CONSTANT && kind !== VERBATIM) throw new Error('compressed FLAC is not read here');
    const step = kind === VERBATIM ? 2 : 0;
    for (let index = 0; index < count; index += 1) {
      channel[start + index] = bytes.readInt16BE(at + index * step);
    }
    at += kind === VERBATIM ? count * 2 : 2;
  }
  return at + 2;
}
