import type { APIRequestContext } from '@playwright/test';
import { gradientPng } from '../fixtures/png.ts';
import { screenshot } from '../fixtures/test.ts';
import { ComfyPage, type PictureReference } from './comfy-page.ts';
import { expect, type Kind, test } from './frontend-test.ts';
import { distributed, resized } from './workflows.ts';

const DISTRIBUTED_NODES = [
  'AudioBatchDivider',
  'DistributedCollector',
  'DistributedEmptyImage',
  'DistributedModelName',
  'DistributedSeed',
  'DistributedValue',
  'ImageBatchDivider',
];

interface HistoryEntry {
  readonly outputs: Readonly<Record<string, { readonly images: readonly PictureReference[] }>>;
  readonly status: { readonly status_str: string };
}

const slow = { timeout: 30_000 };
const namesOf = (pictures: readonly PictureReference[]): readonly string[] =>
  pictures.map(({ filename }) => filename).sort();

/** The official page, unchanged, in front of four servers: the same tests for each of its versions. */
export function testsOfThePage(kind: Kind): void {
  const shot = (name: string): string => `comfyui-page-${kind.comfyui}-${name}`;
  // Its trace costs more time than the page itself.
  test.use({ kind, trace: 'off' });
  // One host for all of them, and a page that takes its seconds to begin.
  test.describe.configure({ mode: 'default', timeout: 120_000 });

  test('begins with no complaint that a stock server would not cause', async ({ open, fleet, context }) => {
    const stock = new ComfyPage(await context.newPage(), fleet.stock);
    await stock.load();
    const comfy = await open();
    await expect
      .poll(() => [...new Set(comfy.complaints)].sort(), slow)
      .toEqual([...new Set(stock.complaints)].sort());
    expect(await stock.typesIn('Ensemble/distributed')).toEqual([]);
    const types = await comfy.typesIn('Ensemble/distributed');
    expect(types.filter((type) => DISTRIBUTED_NODES.includes(type))).toEqual(DISTRIBUTED_NODES);
  });

  test('shows the pictures of four servers in one node, and lists them after a reload', async ({ comfy }) => {
    await comfy.openFile('distributed.json', distributed({ seed: 7, steps: 12 }));
    await comfy.untilShown(['DistributedSeed', 'DistributedCollector', 'SaveImage']);
    expect(await comfy.redNodes()).toEqual([]);
    await expect(comfy.page.getByText(/missing node/i)).toHaveCount(0);
    await comfy.watchNodes();
    await comfy.queue();
    const [first] = await comfy.pictures('SaveImage', 4);
    await comfy.untilPainted('SaveImage', 4);
    const seen = await comfy.seen();
    expect(seen.progress).toContain('KSampler');
    expect(seen.previews).toContain('5');
    expect(await comfy.redNodes()).toEqual([]);
    await screenshot(comfy.page, shot('four-pictures'));
    await comfy.page.reload();
    await comfy.untilReady();
    await comfy.openList();
    await expect(comfy.page.locator(`img[src*="${first?.filename}"]`).first()).toBeVisible(slow);
    await screenshot(comfy.page, shot('list'));
  });

  test('goes on after a reload in the middle; cancels what runs, and nothing else', async ({
    comfy,
    request,
    fleet,
  }) => {
    const status = (id: string): Promise<unknown> => statusOf(request, fleet.gateway, id);
    await comfy.openFile('endless.json', distributed({ seed: 20, steps: 10_000 }));
    await comfy.untilShown(['SaveImage']);
    const cancelled = await comfy.queue();
    await comfy.untilProgress('KSampler');
    await comfy.setWidget('KSampler', 'steps', 8);
    const kept = await comfy.queue();
    await comfy.page.reload();
    await comfy.untilReady();
    await comfy.untilShown(['SaveImage']);
    await comfy.untilProgress('KSampler');
    expect(await status(cancelled)).toBeNull();
    await comfy.page.keyboard.press('Control+Alt+Enter');
    await expect.poll(() => status(cancelled), slow).toBe('error');
    const pictures = await comfy.pictures('SaveImage', 4);
    await comfy.untilPainted('SaveImage', 4);
    expect(await status(kept)).toBe('success');
    expect(namesOf(await outputsOf(request, fleet.gateway, kept))).toEqual(namesOf(pictures));
  });

  test('keeps two tabs and another client apart', async ({ comfy, open, browser, request, fleet }) => {
    const context = await browser.newContext();
    const clients = [comfy, await open(), await open(context)];
    for (const [index, client] of clients.entries()) {
      await client.openFile(`client-${index}.json`, distributed({ seed: 100 + index * 10, steps: 6 }));
      await client.untilShown(['SaveImage']);
    }
    const queued = await Promise.all(clients.map((client) => client.queue()));
    const shown = await Promise.all(clients.map((client) => client.pictures('SaveImage', 4)));
    for (const [index, promptId] of queued.entries()) {
      const made = await outputsOf(request, fleet.gateway, promptId);
      expect(namesOf(shown[index] ?? [])).toEqual(namesOf(made));
    }
    expect(new Set(shown.flat().map(({ filename }) => filename)).size).toBe(12);
    await context.close();
  });

  test('uploads a picture and works with it', async ({ comfy }) => {
    await comfy.openFile('resized.json', resized());
    await comfy.untilShown(['LoadImage', 'SaveImage']);
    const chooser = comfy.page.waitForEvent('filechooser');
    await comfy.press('LoadImage', 'upload');
    const buffer = gradientPng(64, kind.comfyui.length);
    await (await chooser).setFiles({ name: 'from the desk.png', mimeType: 'image/png', buffer });
    await expect.poll(() => comfy.widget('LoadImage', 'image'), slow).toBe('from the desk.png');
    await comfy.untilPainted('LoadImage', 1);
    await comfy.queue();
    await comfy.untilPainted('SaveImage', 1);
    await screenshot(comfy.page, shot('upload'));
  });
}

async function entryOf(
  request: APIRequestContext,
  gateway: string,
  promptId: string,
): Promise<HistoryEntry | null> {
  const history: Readonly<Record<string, HistoryEntry>> = await (
    await request.get(`${gateway}/history/${promptId}`)
  ).json();
  return history[promptId] ?? null;
}

async function statusOf(
  request: APIRequestContext,
  gateway: string,
  promptId: string,
): Promise<string | null> {
  return (await entryOf(request, gateway, promptId))?.status.status_str ?? null;
}

async function outputsOf(
  request: APIRequestContext,
  gateway: string,
  promptId: string,
): Promise<readonly PictureReference[]> {
  return (await entryOf(request, gateway, promptId))?.outputs['7']?.images ?? [];
}
