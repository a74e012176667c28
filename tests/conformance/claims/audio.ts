import { expect, it } from 'vitest';
import { type Answer, at, list } from '../client.ts';
import type { HistoryEntry, Subject } from '../subject.ts';
import { fresh, node, type Prompt } from '../workflows.ts';

type SavedFile = HistoryEntry['files'][number];

const RATE = 8_000;
const silence = (seconds: number, channels = 2) =>
  node('EmptyAudio', { duration: seconds, sample_rate: RATE, channels });
const saved = (audio: unknown, filename_prefix = `audio/claim-${fresh()}`) =>
  node('SaveAudio', { audio, filename_prefix });

/** Sounds as they are saved, loaded, cut and joined: the collector's audio rests on it. */
export function audioClaims(subject: () => Subject): void {
  /** The files of the saver, which has the id "9". */
  const run = async (prompt: Prompt): Promise<readonly SavedFile[]> => {
    const { entry } = await subject().run(prompt);
    expect(at(entry, 'status', 'status_str')).toBe('success');
    return list(at(entry, 'outputs', '9', 'audio')).map((file) => ({
      filename: String(at(file, 'filename')),
      subfolder: String(at(file, 'subfolder')),
      type: String(at(file, 'type')),
    }));
  };
  const soundOf = async (prompt: Prompt) => {
    const [file] = await run(prompt);
    return { file, ...aboutFlac(await subject().view(file)) };
  };
  const load = (file: SavedFile | undefined) =>
    node('LoadAudio', { audio: `${file?.subfolder}/${file?.filename} [${file?.type}]` });

  it('saves FLAC of 16 bits under the key “audio”, with the prompt in it', async () => {
    const { file, ...sound } = await soundOf({
      '1': silence(1.5),
      '9': saved(['1', 0], `audio/x${fresh()}`),
    });
    expect(file).toMatchObject({ subfolder: 'audio', type: 'output' });
    expect(file?.filename).toMatch(subject().modern ? /^x\d+_00001\.flac$/ : /^x\d+_00001_\.flac$/);
    expect(sound).toMatchObject({ rate: RATE, channels: 2, bits: 16, samples: 12_000 });
    const { bytes } = await subject().view(file);
    expect(bytes.toString('latin1')).toMatch(/prompt=\{"1": ?\{/i);
  });

  it('loads what was saved, as long as it was', async () => {
    const [file] = await run({ '1': silence(0.75, 1), '9': saved(['1', 0]) });
    const again = await soundOf({ '1': load(file), '9': saved(['1', 0]) });
    expect(again).toMatchObject({ rate: RATE, channels: 1, samples: 6_000 });
  });

  it.each([
    [0.25, 0.5, 4_000],
    [-0.5, 10, 4_000],
    [0, 100, 8_000],
  ])('cuts from %f s for %f s', async (start_index, duration, samples) => {
    const trimmed = node('TrimAudioDuration', { audio: ['1', 0], start_index, duration });
    const prompt = { '1': silence(1), '2': trimmed, '9': saved(['2', 0]) };
    expect(await soundOf(prompt)).toMatchObject({ samples });
  });

  it('fails to cut behind the end', async () => {
    const { entry } = await subject().run({
      '1': silence(1),
      '2': node('TrimAudioDuration', { audio: ['1', 0], start_index: 0.5, duration: 0 }),
      '9': saved(['2', 0]),
    });
    expect(at(entry, 'status', 'status_str')).toBe('error');
  });

  it.each(['after', 'before'])('joins two, the second %s the first, in stereo', async (direction) => {
    const joined = node('AudioConcat', { audio1: ['1', 0], audio2: ['2', 0], direction });
    const prompt = { '1': silence(0.5, 1), '2': silence(1), '3': joined, '9': saved(['3', 0]) };
    expect(await soundOf(prompt)).toMatchObject({ channels: 2, samples: 12_000 });
  });

  it('previews into temp', async () => {
    const [file] = await run({ '1': silence(0.1), '9': node('PreviewAudio', { audio: ['1', 0] }) });
    expect(file).toMatchObject({ subfolder: '', type: 'temp' });
    expect((await subject().view(file)).status).toBe(200);
  });

  it('refuses a sound that is not there', async () => {
    const prompt = { '1': node('LoadAudio', { audio: 'none.flac' }), '9': saved(['1', 0]) };
    const { status, bytes } = await subject().post(prompt);
    expect([status, bytes.toString().includes('custom_validation_failed')]).toEqual([400, true]);
  });
}

/** From STREAMINFO, which every FLAC file begins with. */
function aboutFlac({ bytes }: Answer) {
  expect(bytes.toString('latin1', 0, 4)).toBe('fLaC');
  const packed = bytes.readBigUInt64BE(18);
  return {
    rate: Number(packed >> 44n),
    channels: Number((packed >> 41n) & 7n) + 1,
    bits: Number((packed >> 36n) & 31n) + 1,
    samples: Number(packed & 0xf_ffff_ffffn),
  };
}
