import { randomUUID } from 'node:crypto';
import { Client } from '@stable-canvas/comfyui-client';
import { ComfyUIClient, type Prompt as SdkPrompt } from 'comfy-ui-client';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { differentPngs, type Served } from './served.ts';

export function sdkClients(served: () => Served): void {
  const stable = (): Client =>
    new Client({ api_host: served().address, clientId: randomUUID(), WebSocket, fetch });

  it('runs @stable-canvas/comfyui-client over its WebSocket', async () => {
    const client = stable();
    await client.connect();
    const steps: number[] = [];
    const { images } = await client.enqueue(
      { ...served().prompt() },
      { disable_random_seed: true, progress: ({ value }) => steps.push(value) },
    );
    client.close();
    // Live previews are among what it calls images, as with any server that sends them.
    const saved = images.filter(({ type }) => type === 'url').map(({ data }) => String(data));
    expect(differentPngs(await Promise.all(saved.map(bytesAt)))).toBe(served().pictures);
    expect(steps.at(-1)).toBe(3);
  });

  it('runs @stable-canvas/comfyui-client by asking, and answers its questions', async () => {
    const client = stable();
    const { images } = await client.enqueue_polling({ ...served().prompt() }, { polling_ms: 50 });
    expect(images).toHaveLength(served().pictures);
    expect(await client.getSamplers()).toContain('euler');
    expect((await client.getSystemStats()).devices.length).toBe(served().pictures);
    expect((await client.getQueue()).Running).toEqual([]);
    expect((await client.getHistory()).History.length).toBeGreaterThan(0);
  });

  it('runs comfy-ui-client', async () => {
    const client = new ComfyUIClient(served().address, randomUUID());
    await client.connect();
    const prompt: SdkPrompt = JSON.parse(JSON.stringify(served().prompt()));
    const images = await client.getImages(prompt);
    const blobs = Object.values(images).flatMap((made) => made.map(({ blob }) => blob.arrayBuffer()));
    expect(differentPngs((await Promise.all(blobs)).map((bytes) => new Uint8Array(bytes)))).toBe(
      served().pictures,
    );
    const info = await client.getObjectInfo('KSampler');
    expect(info['KSampler']?.name).toBe('KSampler');
    const uploaded = await client.uploadImage(Buffer.from('picture'), 'up.png', true);
    expect(uploaded.name).toBe('up.png');
    await client.disconnect();
  });
}

async function bytesAt(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}
