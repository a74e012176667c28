import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MASTER_ID, prepareDemo, QUICK } from './support/fleets.ts';
import { newPlace, startCenter } from './support/places.ts';

describe('settings that are damaged', () => {
  it('by truncation are set aside, told, and the backup is used', async () => {
    const place = newPlace();
    await prepareDemo(place, 1);
    const good = JSON.stringify({ version: 1, autoLaunch: false, theme: 'dark' });
    place.write(good, 'data', 'settings.json.bak');
    place.write(good.slice(0, 30), 'data', 'settings.json');
    const center = await startCenter(place, { demo: 1 });
    const notice = await center.notice(/settings were mended/);
    expect(notice.detail).toMatch(/backup/);
    expect(await center.invoke('settings.get', {})).toMatchObject({ theme: 'dark', autoLaunch: false });
    const aside = readdirSync(place.data).find((name) => name.startsWith('settings.broken-'));
    expect(readFileSync(place.file('data', aside ?? ''), 'utf8')).toBe(good.slice(0, 30));
  });

  it('by the future are read, never written, and said so; the fleet runs all the same', async () => {
    const place = newPlace();
    await prepareDemo(place, 1);
    const text = JSON.stringify({ version: 99, theme: 'light', invented: true });
    place.write(text, 'data', 'settings.json');
    const center = await startCenter(place, { demo: 1, environment: QUICK });
    expect((await center.notice(/settings were mended/)).detail).toMatch(/newer Comfy Ensemble/);
    await center.allReady(1);
    const change = center.invoke('settings.update', { patch: { theme: 'dark' } });
    await expect(change).rejects.toMatchObject({ code: 'settings-unwritable' });
    expect(readFileSync(place.file('data', 'settings.json'), 'utf8')).toBe(text);
  });

  it('of the roster by the future: a fleet that cannot be populated is shown all the same', async () => {
    const place = newPlace();
    await prepareDemo(place, 2, { autoLaunch: false });
    place.write({ version: 99 }, 'data', 'demo', '2-gpus', 'settings.json');
    const center = await startCenter(place, { demo: 2 });
    expect((await center.snapshot()).instances.map(({ id }) => id)).toEqual([MASTER_ID]);
    expect((await center.notice(/could not be saved/)).detail).toMatch(/newer Comfy Ensemble/);
  });
});

describe('logs', () => {
  it('wait for the first line of an empty log, for the next one, and no longer than asked', async () => {
    const place = newPlace();
    await prepareDemo(place, 1, { autoLaunch: false });
    const center = await startCenter(place, { demo: 1, environment: QUICK });
    const read = (after: number | null, waitMs: number) =>
      center.invoke('logs.read', { id: MASTER_ID, after, limit: 5_000, waitMs });
    expect((await read(null, 50)).lines).toEqual([]);
    const first = read(null, 30_000);
    await center.invoke('instance.start', { id: MASTER_ID });
    expect((await first).lines.length).toBeGreaterThan(0);
    await center.stateOf(MASTER_ID, 'ready');
    await center.logSays(MASTER_ID, /To see the GUI/);

    const { next } = await read(null, 0);
    expect((await read(next - 1, 50)).lines).toEqual([]);
    const line = read(next - 1, 30_000);
    await center.invoke('instance.testPicture', { id: MASTER_ID });
    expect((await line).lines[0]?.seq).toBe(next);

    await center.instanceWhere(MASTER_ID, 'has its picture', ({ picture }) => picture?.status === 'done');
    await center.invoke('instance.stop', { id: MASTER_ID });
    const before = await read(null, 0);
    await center.invoke('logs.clear', { id: MASTER_ID });
    const cleared = await read(null, 0);
    expect(cleared).toMatchObject({ lines: [], next: before.next });
    expect(cleared.file === null ? '' : readFileSync(cleared.file, 'utf8')).toBe('');
  });

  it('notices are listed and cleared', async () => {
    const place = newPlace();
    place.write({ version: 1, autoLaunch: false, theme: 'pink' }, 'data', 'settings.json');
    const center = await startCenter(place, { demo: 1 });
    await center.notice(/settings were mended/);
    await center.invoke('notices.clear', {});
    expect(await center.invoke('notices.list', {})).toEqual([]);
  });
});
