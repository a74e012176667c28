import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PICTURE, Workshop } from './artifacts-bench.ts';
import { request } from './artifacts-content.ts';
import { jpeg } from './artifacts-samples.ts';

let shop: Workshop;
beforeEach(() => {
  shop = new Workshop();
});
afterEach(() => shop.close());

describe('a result', { timeout: 30_000 }, () => {
  it('comes home byte for byte, with all that is known about it', async () => {
    const artifact = await shop.keep({ prefix: 'dunes/%width%x%height%', expectedBytes: PICTURE.length });
    expect(artifact).toEqual({
      id: expect.stringMatching(/^id-/),
      runId: 'r',
      runName: 'Run r',
      stage: 1,
      shard: 0,
      nodeId: '9',
      node: 'Save Image',
      kind: 'image',
      preview: false,
      name: 'dunes/40x30_00001_.png',
      path: path.join(shop.output, 'dunes', '40x30_00001_.png'),
      bytes: PICTURE.length,
      width: 40,
      height: 30,
      seed: '18446744073709551615',
      instanceId: 'w1',
      instanceName: 'Worker 1',
      seconds: 1.5,
      at: expect.any(Number),
      url: `/files/artifacts/${artifact?.id}.png`,
    });
    expect(shop.files()).toEqual(['dunes/40x30_00001_.png']);
    expect(shop.read('dunes/40x30_00001_.png').equals(PICTURE)).toBe(true);
    expect(shop.journal.artifactsOf('r')).toEqual([artifact]);
    expect(shop.journal.placing()).toEqual([]);
    expect(shop.store.file(artifact?.id ?? '')).toEqual({
      path: artifact?.path,
      mime: 'image/png',
      name: '40x30_00001_.png',
    });
    expect(shop.store.file('other')).toBeNull();
  });

  it('is kept once: a second copy is let go of unread', async () => {
    await shop.keep();
    let wasRead = false;
    const again = new Readable({
      read() {
        wasRead = true;
      },
    });
    expect(await shop.store.keep(request(), again)).toBeNull();
    expect(again.destroyed).toBe(true);
    expect(wasRead).toBe(false);
    expect(shop.files()).toEqual(['ComfyUI_00001_.png']);
  });

  it('is kept once of many copies that come at the same time', async () => {
    const kept = await Promise.all(Array.from({ length: 12 }, () => shop.keep()));
    expect(kept.filter((artifact) => artifact !== null)).toHaveLength(1);
    expect(shop.files()).toHaveLength(1);
  });

  it('has a name of its own among many at once, and beside what is there', async () => {
    mkdirSync(path.join(shop.output, 'a'));
    writeFileSync(path.join(shop.output, 'a', 'pic_00041_.png'), 'mine');
    writeFileSync(path.join(shop.output, 'a', 'Pic_9.txt'), 'other');
    const contents = Array.from({ length: 60 }, (_, n) => jpeg(n + 1, 7, n * 2_000));
    const kept = await Promise.all(
      contents.map((bytes, n) =>
        shop.keep({ shard: n, prefix: n % 2 ? 'a/pic' : 'a\\pic', sourceName: 'x.jpg' }, bytes),
      ),
    );
    const names = kept.map((artifact) => artifact?.name).sort();
    expect(names).toEqual(contents.map((_, n) => `a/pic_${String(n + 42).padStart(5, '0')}_.jpg`));
    for (const [n, artifact] of kept.entries()) {
      expect(artifact).toMatchObject({ width: n + 1, height: 7, shard: n });
      expect(shop.read(artifact?.name ?? '').equals(contents[n] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it('never takes a name that somebody else takes meanwhile', async () => {
    await shop.keep();
    writeFileSync(path.join(shop.output, 'ComfyUI_00002_.png'), 'from ComfyUI');
    writeFileSync(path.join(shop.output, 'ComfyUI_00007_.png'), 'from ComfyUI');
    expect(await shop.keep({ shard: 1 })).toMatchObject({ name: 'ComfyUI_00008_.png' });
    expect(await shop.keep({ shard: 2 })).toMatchObject({ name: 'ComfyUI_00009_.png' });
    expect(shop.read('ComfyUI_00002_.png').toString()).toBe('from ComfyUI');
  });

  it('keeps the worker’s own name where it has no prefix, and previews apart', async () => {
    const clip = Buffer.from('a clip');
    expect(await shop.keep({ prefix: null, sourceName: '../Clip_00004_.MP4' }, clip)).toMatchObject({
      name: 'Clip_00001_.mp4',
      kind: 'video',
      width: null,
    });
    const preview = await shop.keep({ preview: true, outputKey: 'p' });
    expect(preview?.path).toBe(path.join(shop.previews, 'ComfyUI_00001_.png'));
    expect(shop.files()).toEqual(['Clip_00001_.mp4']);
    expect(
      await shop.keep({ prefix: 'notes', sourceName: 'notes', outputKey: 'n' }, Buffer.alloc(0)),
    ).toMatchObject({
      name: 'notes_00001_',
      bytes: 0,
      kind: 'file',
      url: expect.stringMatching(/artifacts\/[^.]+$/),
    });
  });

  it('stays inside the output folder, links or not', async () => {
    const outside = path.join(shop.folder, 'outside');
    mkdirSync(outside);
    mkdirSync(path.join(shop.output, 'real'));
    symlinkSync(outside, path.join(shop.output, 'evil'));
    symlinkSync(path.join(shop.folder, 'nowhere'), path.join(shop.output, 'dangling'));
    symlinkSync(path.join(shop.output, 'real'), path.join(shop.output, 'inside'));
    writeFileSync(path.join(shop.output, 'plain'), '');
    const prefixes = [
      'evil/x',
      'dangling/x',
      'plain/x',
      '../../x',
      `${os.tmpdir()}/x`,
      'real/evil/y',
      'inside/x',
    ];
    const kept = await Promise.all(prefixes.map((prefix, shard) => shop.keep({ prefix, shard })));
    const names = kept.map((artifact) => artifact?.name);
    expect(names.slice(0, 4)).toEqual([
      'evil_x_00001_.png',
      'dangling_x_00001_.png',
      'plain_x_00001_.png',
      'x_00001_.png',
    ]);
    expect(names.slice(5)).toEqual(['real/evil/y_00001_.png', 'inside/x_00001_.png']);
    expect(shop.files(outside)).toEqual([]);
    for (const name of names) expect(shop.read(name ?? '').equals(PICTURE)).toBe(true);
  });

  it('is written as it comes: memory does not grow with it', async () => {
    const chunk = Buffer.alloc(64 * 1024, 0x61);
    const chunks = 3_000;
    let waiting = 0;
    let most = 0;
    const hash = createHash('sha256');
    async function* large(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < chunks; n += 1) {
        hash.update(chunk);
        waiting += 1;
        most = Math.max(most, waiting);
        yield chunk;
        waiting -= 1;
      }
    }
    const before = process.memoryUsage().rss;
    const artifact = await shop.store.keep(request({ sourceName: 'model.safetensors' }), large());
    expect(artifact).toMatchObject({ bytes: chunk.length * chunks, kind: 'model' });
    expect(most).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    const written = createHash('sha256')
      .update(shop.read(artifact?.name ?? ''))
      .digest('hex');
    expect(written).toBe(hash.digest('hex'));
  }, 60_000);
});
