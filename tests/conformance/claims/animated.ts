import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { flacSeconds } from '../../../electron/core/media/flac.ts';
import { joinPngs } from '../../../electron/core/media/png-join.ts';
import { type Channels, encodePng } from '../../../electron/simulator/png.ts';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import { wavOf } from '../../support/wav.ts';
import { at } from '../client.ts';
import type { HistoryEntry, Subject } from '../subject.ts';
import { fresh, node } from '../workflows.ts';

const WIDTH = 33;
const HEIGHT = 17;

/** Gathered pictures that are joined into one animated PNG: what the second stage of a run rests on. */
export function animatedClaims(subject: () => Subject): void {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'animated-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const write = async (bytes: Uint8Array): Promise<string> => {
    const file = path.join(folder, `${fresh()}.png`);
    await writeFile(file, bytes);
    return file;
  };
  const noise = (channels: Channels): Promise<Buffer> =>
    encodePng(WIDTH, HEIGHT, channels, [randomBytes(WIDTH * HEIGHT * channels)], {
      text: { prompt: '{"1":"not for others"}' },
    });
  /** Pixels of every picture, without alpha. */
  const pixels = (files: readonly Buffer[]): readonly Buffer[] =>
    files.flatMap((file) => decodePng(file).frames.map((frame) => Buffer.from(frame.map(opaque))));

  const fetched = async (files: HistoryEntry['files']): Promise<readonly Buffer[]> => {
    const answers = await Promise.all(files.map((file) => subject().view(file)));
    return answers.map(({ bytes }) => bytes);
  };
  /** What the server sees in one file, saved again picture by picture. */
  const asSeen = async (file: string): Promise<readonly Buffer[]> => {
    const http = new ComfyHttp(subject().server.url);
    const { size } = await stat(file);
    const stored = await http.upload({
      source: () => createReadStream(file),
      bytes: size,
      name: path.basename(file),
      subfolder: 'ensemble',
      type: 'input',
      overwrite: true,
    });
    const { files } = await subject().run({
      '1': node('LoadImage', { image: `${stored.subfolder}/${stored.filename}` }),
      '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'seen' }),
    });
    return fetched(files);
  };

  it.each([
    ['RGB', 3, 5],
    ['RGBA', 4, 3],
  ] as const)(
    'loads joined %s pictures as one batch with the very pixels',
    async (_name, channels, count) => {
      const images = await Promise.all(Array.from({ length: count }, () => noise(channels)));
      const { groups } = await joinPngs(
        await Promise.all(images.map(write)),
        path.join(folder, `${fresh()}.png`),
      );
      expect(groups).toMatchObject([{ frames: count, width: WIDTH, height: HEIGHT }]);
      expect(pixels(await asSeen(groups[0]?.path ?? ''))).toEqual(pixels(images));
    },
  );

  it('joins what the server itself has saved, still and animated', async () => {
    const source = await write(
      await encodePng(
        WIDTH,
        HEIGHT,
        3,
        [0, 1, 2].map(() => randomBytes(WIDTH * HEIGHT * 3)),
      ),
    );
    const batch = await asSeen(source);
    const name = `${fresh()}.png`;
    await writeFile(path.join(subject().server.directories.input, name), await readFile(source));
    const { files } = await subject().run({
      '1': node('LoadImage', { image: name }),
      '2': node('SaveAnimatedPNG', {
        images: ['1', 0],
        filename_prefix: 'moving',
        fps: 6,
        compress_level: 4,
      }),
    });
    const [moving = Buffer.alloc(0)] = await fetched(files);
    const parts = await Promise.all([...batch, moving, ...batch.slice(0, 1)].map(write));
    const { groups, warnings } = await joinPngs(parts, path.join(folder, `${fresh()}.png`));
    expect(groups).toMatchObject([{ frames: 7 }]);
    expect(warnings).toEqual([]);
    const originals = pixels([await readFile(source)]);
    const expected = [...originals, ...originals, ...originals.slice(0, 1)];
    expect(pixels(await asSeen(groups[0]?.path ?? ''))).toEqual(expected);
  });

  it('tells how long a sound is that the server has saved', async () => {
    const name = `${fresh()}.wav`;
    await writeFile(
      path.join(subject().server.directories.input, name),
      wavOf(22_050, Buffer.alloc(33_075 * 2)),
    );
    const { entry } = await subject().run({
      '1': node('LoadAudio', { audio: name }),
      '2': node('SaveAudio', { audio: ['1', 0], filename_prefix: 'sound' }),
    });
    const saved = at(entry, 'outputs', '2', 'audio', 0);
    const query = { filename: String(at(saved, 'filename')), subfolder: '', type: 'output' };
    const file = path.join(folder, `${fresh()}.flac`);
    await writeFile(file, (await subject().view(query)).bytes);
    expect(await flacSeconds(file)).toBe(1.5);
  });
}

function opaque(value: number, index: number): number {
  return index % 4 === 3 ? 255 : value;
}
