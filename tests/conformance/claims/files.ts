import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { ComfyHttp } from '../../../electron/core/comfy/http.ts';
import { encodePng } from '../../../electron/simulator/png.ts';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import { type Answer, at, FormData } from '../client.ts';
import { solidPng } from '../pictures.ts';
import type { Subject } from '../subject.ts';
import { emptyImage, fresh, node, type Prompt, plain } from '../workflows.ts';

/** /view and the uploads. */
export function fileClaims(subject: () => Subject): void {
  const upload = async (
    name: string,
    bytes: Uint8Array,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const form = new FormData();
    form.set('image', new File([Uint8Array.from(bytes)], name));
    for (const [key, value] of Object.entries(fields)) form.set(key, value);
    return subject().call('/upload/image', { form });
  };
  const uniqueName = (): string => `up-${randomBytes(4).toString('hex')}.png`;

  it('sends a saved picture whole, in parts, or only its headers', async () => {
    const { files } = await subject().run(plain(0x336699));
    const whole = await subject().view(files[0]);
    expect(whole).toMatchObject({ status: 200, headers: { 'content-type': 'image/png' } });
    const path = `/view?${new URLSearchParams({ ...files[0] })}`;
    const head = await subject().call(path, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': String(whole.bytes.length) } });
    expect(head.headers['last-modified']).toBeTypeOf('string');
    const part = await subject().call(path, { headers: { range: 'bytes=2-5' } });
    expect(part.status).toBe(206);
    expect(part.bytes.equals(whole.bytes.subarray(2, 6))).toBe(true);
    const { width, height, frames } = decodePng(whole.bytes);
    expect({ width, height }).toEqual({ width: 24, height: 16 });
    expect([...(frames[0] ?? [])].slice(0, 3)).toEqual([0x33, 0x66, 0x99]);
  });

  it.each([
    ['?filename=..%2Fsecret', 400],
    ['?filename=%2Fetc%2Fpasswd', 400],
    ['?filename=x.png&subfolder=..%2F..', 403],
    ['?filename=nowhere.png', 404],
    ['?filename=nowhere.png&type=weird', 400],
    ['', 404],
  ])('answers /view%s with %i', async (query, status) => {
    expect((await subject().call(`/view${query}`)).status).toBe(status);
  });

  it('makes previews and single channels', async () => {
    const { files } = await subject().run(plain(0x00ff00));
    const type = async (extra: string): Promise<string | undefined> =>
      (await subject().view(files[0], extra)).headers['content-type'];
    // The simulator has no encoder for these two, and answers with PNG.
    const { simulated } = subject().server.kind;
    expect(await type('&preview=webp;50')).toBe(simulated ? 'image/png' : 'image/webp');
    expect(await type('&preview=jpeg')).toBe(simulated ? 'image/png' : 'image/jpeg');
    expect(await type('&channel=rgb')).toBe('image/png');
    const alpha = decodePng((await subject().view(files[0], '&channel=a')).bytes);
    expect(alpha.frames[0]?.[3]).toBe(255);
  });

  it('keeps an upload byte for byte, under its name', async () => {
    const name = uniqueName();
    const bytes = randomBytes(5_000);
    expect(await upload(name, bytes)).toMatchObject({
      status: 200,
      json: { name, subfolder: '', type: 'input' },
    });
    const back = await subject().view({ filename: name, subfolder: '', type: 'input' });
    expect(back.bytes.equals(bytes)).toBe(true);
    const annotated = await subject().call(`/view?filename=${encodeURIComponent(`${name} [input]`)}`);
    expect(annotated.bytes.equals(bytes)).toBe(true);
  });

  it('reuses the same bytes, renames other bytes, and overwrites only when told', async () => {
    const name = uniqueName();
    await upload(name, Buffer.from('one'));
    expect((await upload(name, Buffer.from('one'))).json).toMatchObject({ name });
    const other = name.replace('.png', ' (1).png');
    expect((await upload(name, Buffer.from('two'))).json).toMatchObject({ name: other });
    expect((await upload(name, Buffer.from('three'), { overwrite: 'true' })).json).toMatchObject({ name });
    const back = await subject().view({ filename: name, subfolder: '', type: 'input' });
    expect(back.bytes.toString()).toBe('three');
  });

  it('makes subfolders, and keeps uploads inside', async () => {
    const name = uniqueName();
    const inside = await upload(name, Buffer.from('x'), { subfolder: 'a/b', type: 'temp' });
    expect(inside.json).toEqual({ name, subfolder: 'a/b', type: 'temp' });
    const back = await subject().view({ filename: name, subfolder: 'a/b', type: 'temp' });
    expect(back.bytes.toString()).toBe('x');
    expect((await upload(name, Buffer.from('x'), { subfolder: '../../..' })).status).toBe(400);
    const form = new FormData();
    form.set('overwrite', '1');
    expect((await subject().call('/upload/image', { form })).status).toBe(400);
  });

  it('puts a mask that is painted into its picture’s alpha, and loads both, as the page does with pasted pictures', async () => {
    const name = uniqueName();
    await upload(name, await solidPng([0x4080c0], 20, 12), { subfolder: 'pasted' });
    // One half is painted: alpha 0 there.
    const painted = Uint8Array.from({ length: 20 * 12 * 4 }, (_, at) =>
      at % 4 === 3 ? ((at >> 2) % 20 < 10 ? 0 : 255) : 0,
    );
    const masked = `masked-${name}`;
    const form = new FormData();
    form.set('image', new File([Uint8Array.from(await encodePng(20, 12, 4, [painted]))], masked));
    form.set('original_ref', JSON.stringify({ filename: name, subfolder: 'pasted', type: 'input' }));
    form.set('subfolder', 'clipspace');
    const stored = await subject().call('/upload/mask', { form });
    expect(stored).toMatchObject({
      status: 200,
      json: { name: masked, subfolder: 'clipspace', type: 'input' },
    });
    const seen = decodePng(
      (await subject().view({ filename: masked, subfolder: 'clipspace', type: 'input' })).bytes,
    );
    const pixel = (x: number): readonly number[] => [...(seen.frames[0]?.subarray(x * 4, x * 4 + 4) ?? [])];
    expect([pixel(3), pixel(15)]).toEqual([
      [0x40, 0x80, 0xc0, 0],
      [0x40, 0x80, 0xc0, 255],
    ]);
    const { files } = await subject().run({
      '1': node('LoadImage', { image: `clipspace/${masked} [input]` }),
      '2': node('ImageCompositeMasked', {
        ...{ destination: ['3', 0], source: ['1', 0], mask: ['1', 1] },
        ...{ x: 0, y: 0, resize_source: false },
      }),
      '3': node('EmptyImage', { width: 20, height: 12, batch_size: 1, color: 0 }),
      '4': node('SaveImage', { images: ['2', 0], filename_prefix: 'masked' }),
    });
    const result = decodePng((await subject().view(files[0])).bytes);
    const colour = (x: number): readonly number[] => [
      ...(result.frames[0]?.subarray(x * 4, x * 4 + 3) ?? []),
    ];
    expect([colour(3), colour(15)]).toEqual([
      [0x40, 0x80, 0xc0],
      [0, 0, 0],
    ]);
  });

  it('loads an upload and saves it again with the same pixels', async () => {
    const name = uniqueName();
    const png = await solidPng([fresh() + 0x102030], 20, 12);
    await upload(name, png);
    const { files } = await subject().run({
      '1': node('LoadImage', { image: name }),
      '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'again' }),
    });
    const back = decodePng((await subject().view(files[0])).bytes);
    expect(Buffer.from(back.frames[0] ?? []).equals(Buffer.from(decodePng(png).frames[0] ?? []))).toBe(true);
  });

  it('loads one animated PNG as a whole batch', async () => {
    const name = uniqueName();
    const colours = [0xff0000, 0x00ff00, 0x0000ff];
    await upload(name, await solidPng(colours, 20, 12));
    const { files } = await subject().run({
      '1': node('LoadImage', { image: name }),
      '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'frames' }),
    });
    expect(files).toHaveLength(colours.length);
    for (const [index, file] of files.entries()) {
      const { frames: pixels } = decodePng((await subject().view(file)).bytes);
      const alone = decodePng(await solidPng(colours.slice(index, index + 1), 20, 12));
      expect(Buffer.from(pixels[0] ?? []).equals(Buffer.from(alone.frames[0] ?? []))).toBe(true);
    }
  });

  it('saves a batch as one file per picture, and previews into temp', async () => {
    const { files } = await subject().run({
      '1': emptyImage(fresh(), 3),
      '2': node('SaveImage', { images: ['1', 0], filename_prefix: 'sub/batch' }),
    });
    expect(files.map(({ subfolder, type }) => [subfolder, type])).toEqual(Array(3).fill(['sub', 'output']));
    const preview = await subject().run({
      '1': emptyImage(fresh()),
      '2': node('PreviewImage', { images: ['1', 0] }),
    });
    expect(preview.files[0]?.type).toBe('temp');
    expect((await subject().view(preview.files[0])).status).toBe(200);
  });

  const MIB = 1_048_576;
  const streamed = (name: string, chunks: readonly Buffer[]): Parameters<ComfyHttp['upload']>[0] => ({
    source: () => Readable.from(chunks),
    bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    name,
    subfolder: 'ensemble',
    type: 'input',
    overwrite: true,
  });

  it('takes a streamed upload of ours, says its size by its headers alone, and streams it back', async () => {
    const http = new ComfyHttp(subject().server.url);
    const chunks = Array.from({ length: 20 }, () => randomBytes(MIB / 4));
    const stored = await http.upload(streamed(uniqueName(), chunks));
    expect(stored).toMatchObject({ subfolder: 'ensemble', type: 'input' });
    expect(await http.stat(stored)).toEqual({ bytes: 5 * MIB });
    expect(await http.stat({ ...stored, filename: uniqueName() })).toBeNull();
    const { stream, bytes } = await http.download(stored);
    expect(bytes).toBe(5 * MIB);
    expect(Buffer.concat(await stream.toArray()).equals(Buffer.concat(chunks))).toBe(true);
    await expect(http.download({ ...stored, filename: uniqueName() })).rejects.toMatchObject({
      code: 'not-found',
    });
    const hostile = { ...stored, filename: '../../models/x' };
    await expect(http.download(hostile)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('refuses what is larger than its limit, in words that name the limit, and goes on', async () => {
    const http = new ComfyHttp(subject().server.url);
    const chunks = Array.from({ length: 101 }, () => Buffer.alloc(MIB));
    await expect(http.upload(streamed(uniqueName(), chunks))).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('(101 MiB)'),
      hint: expect.stringContaining('--max-upload-size'),
    });
    expect(await http.queueRemaining()).toBe(0);
  });

  const saver = { filename_prefix: 'kept' };
  it.each([
    ['LoadImage', 'image', '.png', { class_type: 'SaveImage', inputs: { ...saver, images: ['1', 0] } }],
    ['LoadAudio', 'audio', '.flac', { class_type: 'SaveAudio', inputs: { ...saver, audio: ['1', 0] } }],
    [
      'LoadLatent',
      'latent',
      '.latent',
      { class_type: 'SaveLatent', inputs: { ...saver, samples: ['1', 0] } },
    ],
    [
      'LoadVideo',
      'file',
      '.mp4',
      { class_type: 'SaveVideo', inputs: { ...saver, video: ['1', 0], format: 'auto', codec: 'auto' } },
    ],
  ])(
    'lets %s take a file of our folder, though no list names it, and no file that is not there',
    async (loader, input, extension, save) => {
      // The simulator has no video.
      if (at((await subject().call(`/object_info/${loader}`)).json, loader) === undefined) return;
      const name = `${uniqueName()}${extension}`;
      await upload(name, Buffer.from('whatever'), { subfolder: 'ensemble' });
      const prompt = (file: string): Prompt => ({ '1': node(loader, { [input]: file }), '2': save });
      expect(await subject().post(prompt(`ensemble/${name}`))).toMatchObject({ status: 200 });
      const absent = await subject().post(prompt(`ensemble/absent${extension}`));
      expect(absent).toMatchObject({ status: 400 });
      expect(at(absent.json, 'node_errors', '1', 'class_type')).toBe(loader);
    },
  );
}
