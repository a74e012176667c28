import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFlac, encodeFlac } from '../../../electron/simulator/audio/flac.ts';
import { concatenate, silence, trim } from '../../../electron/simulator/audio/sounds.ts';
import { decodeWav } from '../../../electron/simulator/audio/wav.ts';

const sound = fc
  .record({
    length: fc.integer({ min: 1, max: 10_000 }),
    count: fc.integer({ min: 1, max: 2 }),
    sampleRate: fc.integer({ min: 1, max: 192_000 }),
    silent: fc.boolean(),
  })
  .chain(({ length, count, sampleRate, silent }) => {
    const sample = silent ? fc.constant(0) : fc.integer({ min: -32_768, max: 32_767 });
    // A pattern repeated: ten thousand draws would test the generator.
    const pattern = fc.array(sample, { minLength: 1, maxLength: 50 });
    return fc.record({
      sampleRate: fc.constant(sampleRate),
      channels: fc.array(
        pattern.map((values) =>
          Int16Array.from({ length }, (_, index) => values[index % values.length] ?? 0),
        ),
        { minLength: count, maxLength: count },
      ),
    });
  });

describe('FLAC', () => {
  it('gives back every sample', () => {
    fc.assert(
      fc.property(sound, (given) => {
        expect(decodeFlac(encodeFlac(given, { prompt: '{"é":1}' }))).toEqual(given);
      }),
      { numRuns: 50 },
    );
  });

  it('is refused when it is none or cut short', () => {
    const bytes = encodeFlac({ sampleRate: 8_000, channels: [Int16Array.of(1, 2, 3)] }, {});
    expect(() => decodeFlac(Buffer.from('RIFF'))).toThrow('not a FLAC file');
    expect(() => decodeFlac(bytes.subarray(0, bytes.length - 6))).toThrow(RangeError);
  });
});

it('WAV of 16 bits is read', () => {
  const data = Buffer.alloc(8);
  for (const [index, value] of [1, -2, 3, -4].entries()) data.writeInt16LE(value, index * 2);
  const format = Buffer.from([1, 0, 2, 0, 0x44, 0xac, 0, 0, 0, 0, 0, 0, 4, 0, 16, 0]);
  const part = (name: string, content: Buffer): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(content.length);
    return Buffer.concat([Buffer.from(name), size, content]);
  };
  const body = Buffer.concat([Buffer.from('WAVE'), part('LIST', Buffer.from('odd  ')), Buffer.alloc(1)]);
  const parts = [body, part('fmt ', format), part('data', data)];
  const wav = part('RIFF', Buffer.concat(parts));
  expect(decodeWav(wav)).toEqual({
    sampleRate: 44_100,
    channels: [Int16Array.of(1, 3), Int16Array.of(-2, -4)],
  });
  expect(() => decodeWav(Buffer.from('fLaC'))).toThrow('not a WAV file');
});

describe('sounds', () => {
  const ramp = {
    kind: 'AUDIO',
    sampleRate: 10,
    channels: [Int16Array.from({ length: 20 }, (_, i) => i)],
  } as const;

  it.each([
    [0, 1, [0, 10]],
    [0.5, 100, [5, 20]],
    [-0.5, 100, [15, 20]],
    [-100, 0.3, [0, 3]],
  ])('are cut from %f s for %f s', (start, seconds, [from, to]) => {
    expect(trim(ramp, start, seconds).channels[0]).toEqual(ramp.channels[0].slice(from, to));
  });

  it('cannot be cut to nothing', () => {
    expect(() => trim(ramp, 2, 1)).toThrow('Start time must be less than end time');
  });

  it('are joined in stereo, at the higher rate', () => {
    const joined = concatenate(ramp, silence(0.5, 20, 2));
    expect([joined.sampleRate, joined.channels.length]).toEqual([20, 2]);
    expect(joined.channels[0]).toHaveLength(50);
    expect(joined.channels[1]?.slice(36)).toEqual(Int16Array.from([18, 18, 19, 19, ...Array(10).fill(0)]));
  });
});
