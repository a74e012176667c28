import { expect, it } from 'vitest';
import { at, list } from '../client.ts';
import type { Subject } from '../subject.ts';

/** What ComfyUI's page keeps on its server: saved workflows above all. */
export function userDataClaims(subject: () => Subject): void {
  const folder = 'conformance';
  const file = (name: string): string => `/api/userdata/${encodeURIComponent(`${folder}/${name}`)}`;
  const names = async (query: string): Promise<unknown> =>
    (await subject().call(`/api/userdata?dir=${folder}&${query}`)).json;

  it('keeps a workflow, lists it in three ways, and gives it back', async () => {
    const kept = await subject().call(`${file('first.json')}?overwrite=false&full_info=true`, {
      text: '{"nodes": []}',
    });
    expect(kept.status).toBe(200);
    expect(kept.json).toMatchObject({
      path: `${folder}/first.json`,
      size: 13,
      modified: expect.any(Number),
      created: expect.any(Number),
    });
    expect(await names('recurse=true')).toEqual(['first.json']);
    expect(await names('recurse=true&split=true')).toEqual([['first.json', 'first.json']]);
    expect(await names('recurse=true&split=false&full_info=true')).toMatchObject([
      { path: 'first.json', size: 13 },
    ]);
    // 0.3 tells seconds, later ones milliseconds.
    const modified = Number(at(list(await names('full_info=true')), 0, 'modified'));
    const scale = subject().version.startsWith('0.3.') ? 1000 : 1;
    expect(Math.abs(modified * scale - Date.now())).toBeLessThan(60_000);
    expect((await subject().call(file('first.json'))).bytes.toString()).toBe('{"nodes": []}');
  });

  it('overwrites only when it may', async () => {
    await subject().call(file('twice.json'), { text: '1' });
    const refused = await subject().call(`${file('twice.json')}?overwrite=false`, { text: '2' });
    expect(refused.status).toBe(409);
    const replaced = await subject().call(file('twice.json'), { text: '3' });
    expect(replaced.json).toBe(`${folder}/twice.json`);
    expect((await subject().call(file('twice.json'))).bytes.toString()).toBe('3');
  });

  it('moves and deletes', async () => {
    await subject().call(file('old.json'), { text: '1' });
    const to = encodeURIComponent(`${folder}/new.json`);
    const moved = await subject().call(`${file('old.json')}/move/${to}?overwrite=false&full_info=true`, {
      method: 'POST',
    });
    expect(moved.json).toMatchObject({ path: `${folder}/new.json`, size: 1 });
    expect((await subject().call(file('old.json'))).status).toBe(404);
    expect((await subject().call(file('new.json'), { method: 'DELETE' })).status).toBe(204);
    expect((await subject().call(file('new.json'), { method: 'DELETE' })).status).toBe(404);
  });

  it('lists folders before files in its second way', async () => {
    await subject().call(file('deep/inner.json'), { text: '1' });
    const entries = list((await subject().call(`/api/v2/userdata?path=${folder}`)).json);
    expect(entries[0]).toMatchObject({ name: 'deep', path: `${folder}/deep`, type: 'directory' });
    expect(entries).toContainEqual(
      expect.objectContaining({
        name: 'inner.json',
        path: `${folder}/deep/inner.json`,
        type: 'file',
        size: 1,
      }),
    );
  });

  it('answers in plain words what it does not have or must not give', async () => {
    const asked = async (path: string): Promise<unknown> => {
      const { status, bytes } = await subject().call(path);
      return [status, bytes.toString()];
    };
    expect(await asked('/api/userdata')).toEqual([400, 'Directory not provided']);
    expect(await asked('/api/userdata?dir=nowhere')).toEqual([404, 'Directory not found']);
    expect(await asked('/api/userdata?dir=..%2F..')).toEqual([403, 'Invalid directory']);
    expect((await subject().call('/api/userdata/..%2F..%2Fmain.py')).status).toBe(403);
  });
}
