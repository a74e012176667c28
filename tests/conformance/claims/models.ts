import { expect, it } from 'vitest';
import { folderFiles } from '../../../electron/core/models/model-lists.ts';
import { at, list } from '../client.ts';
import type { Subject } from '../subject.ts';

/** What a server tells about the files in its model folders. */
export function modelClaims(subject: () => Subject): void {
  it('lists its model folders, bare and under /api', async () => {
    for (const prefix of ['', '/api']) {
      const { json } = await subject().call(`${prefix}/models`);
      expect(json).toEqual(
        expect.arrayContaining(['checkpoints', 'loras', 'vae', 'text_encoders', 'controlnet']),
      );
      expect(json).toEqual(expect.arrayContaining(['configs', 'custom_nodes']));
    }
    const { json } = await subject().call('/experiment/models');
    const checkpoints = list(json).find((one) => at(one, 'name') === 'checkpoints');
    expect(checkpoints).toMatchObject({ name: 'checkpoints', folders: expect.any(Array) });
    expect(list(json).map((one) => at(one, 'name'))).not.toContain('custom_nodes');
    expect(at(checkpoints, 'extensions') !== undefined).toBe(subject().modern);
  });

  it('lists the files of a folder, with sizes in the newer list', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    expect((await subject().call('/models/checkpoints')).json).toContain(checkpoint);
    const { json } = await subject().call('/experiment/models/checkpoints');
    const file = list(json).find((one) => at(one, 'name') === checkpoint);
    expect(file).toMatchObject({
      pathIndex: expect.any(Number),
      modified: expect.any(Number),
      created: expect.any(Number),
      size: expect.any(Number),
    });
    expect(Number(at(file, 'size'))).toBeGreaterThan(1000);
  });

  it('knows no folder by its old name, nor one that is not there', async () => {
    for (const folder of ['clip', 'unet', 'nonsense']) {
      expect((await subject().call(`/models/${folder}`)).status).toBe(404);
      expect((await subject().call(`/experiment/models/${folder}`)).status).toBe(404);
    }
  });

  it('tells no checksum: only what a safetensors file says of itself', async (context) => {
    const checkpoint = encodeURIComponent(subject().needCheckpoint(context));
    const { status } = await subject().call(`/view_metadata/checkpoints?filename=${checkpoint}`);
    expect(status).toBe(404);
    const head = await subject().call(`/models/checkpoints/${checkpoint}`, { method: 'HEAD' });
    expect(head.status).toBe(404);
  });

  it('is read by us as it is', async (context) => {
    const checkpoint = subject().needCheckpoint(context);
    const server = {
      text: async (path: string) => {
        const { status, bytes } = await subject().call(path);
        return status === 200 ? bytes.toString() : null;
      },
    };
    const files = await folderFiles(server, 'checkpoints');
    expect(files?.get(checkpoint)).toBeGreaterThan(1000);
    expect(await folderFiles(server, 'nonsense')).toBeNull();
  });
}
