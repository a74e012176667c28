import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { DEFAULT_RUN_OPTIONS, type RunId } from '../../../shared/runs.ts';
import { expectAccessible, screenshot } from '../fixtures/test.ts';
import { expect, test } from './live-test.ts';
import type { RealHost } from './real-host.ts';

test.describe.configure({ mode: 'default', timeout: 240_000 });
const slow = { timeout: 60_000 };

const example = (name: string): string => path.resolve('examples', name);
const row = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name},`) });
const pane = (page: Page, name: string) => page.getByRole('region', { name: `Run ${name}`, exact: true });
const width = (image: Locator) => image.evaluate((element) => (element as HTMLImageElement).naturalWidth);

/** @param set "NODE.INPUT=VALUE" */
async function submit(
  host: RealHost,
  name: string,
  copies: number,
  ...set: readonly string[]
): Promise<RunId> {
  const options = {
    ...DEFAULT_RUN_OPTIONS,
    copies,
    set: set.map((text) => {
      const [, node = '', input = '', value = ''] = /^(.+)\.(.+)=(.+)$/.exec(text) ?? [];
      return { node, input, value };
    }),
  };
  const workflow = readFileSync(example('txt2img.json'), 'utf8');
  return (await host.invoke('runs.submit', { name, workflow, options })).runId;
}

test('runs an example over four GPUs, by keyboard alone, and finds its pictures', async ({
  live,
  page,
  host,
}) => {
  await expect(live.card('Worker 3')).toBeVisible();
  await page.keyboard.press('Control+Enter');
  const dialog = page.getByRole('dialog', { name: 'Run workflow' });
  await expect(dialog.getByRole('button', { name: 'Choose file…' })).toBeFocused();
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(example('distributed-txt2img.json'));
  await expect(dialog.getByText('4 shards on 4 participants')).toBeVisible(slow);
  await screenshot(page, 'live-run-dialog');
  await expectAccessible(page);
  await expect(dialog.getByRole('button', { name: 'Run 4 shards' })).toBeEnabled(slow);
  await page.keyboard.press('Control+Enter');
  const detail = pane(page, 'distributed-txt2img');
  await expect(detail.getByText('4 of 4 shards')).toBeVisible(slow);
  await expect(row(page, 'distributed-txt2img')).toHaveAccessibleName(/, Done, 4 of 4 shards$/);

  // The strip of its row and the tiles of its detail hold the four pictures.
  await expect(row(page, 'distributed-txt2img').locator('.run-strip img')).toHaveCount(4);
  const tiles = detail.locator('.tile img');
  await expect(tiles).toHaveCount(4);
  for (const image of await tiles.all()) await expect.poll(() => width(image)).toBeGreaterThan(0);
  await screenshot(page, 'live-run-done');
  await expectAccessible(page);

  const { runs } = await host.invoke('runs.list', { before: null, limit: 1 });
  const first = BigInt(runs[0]?.seedFirst ?? '');
  const seeds = [0n, 1n, 2n, 3n].map((step) => `Seed ${first + step}`);
  expect(runs[0]).toMatchObject({ seedLast: String(first + 3n), artifactCount: 4 });
  await page.keyboard.press('Alt+3');
  const grid = page.getByRole('list', { name: 'Files' });
  for (const seed of seeds) await expect(grid.getByText(seed, { exact: true })).toBeVisible();
  await expect(grid.getByRole('listitem')).toHaveCount(4);
  await expectAccessible(page);
  await page.getByRole('button', { name: new RegExp(`, Seed ${first},`) }).focus();
  await page.keyboard.press('Enter');
  const viewer = page.getByRole('dialog');
  await expect(viewer.getByText(`${first}`, { exact: true })).toBeVisible();
  await expect.poll(() => width(viewer.getByRole('img').first())).toBe(512);
  await screenshot(page, 'live-viewer');
  await expectAccessible(page);
});

test('is found again after a reload in the middle, says why it waits, and is cancelled', async ({
  live,
  page,
  host,
}) => {
  await expect(live.card('Worker 3')).toBeVisible();
  await submit(host, 'Long night', 60, '5.steps=40');
  await submit(host, 'Next in line', 2);
  await page.keyboard.press('Alt+2');
  await expect(row(page, 'Long night')).toHaveAccessibleName(/Running/, slow);
  await page.reload();
  await page.keyboard.press('Alt+2');
  await expect(row(page, 'Long night')).toHaveAccessibleName(/Running/);
  await row(page, 'Long night').click();
  const detail = pane(page, 'Long night');
  await expect(detail.locator('.run-waits')).toContainText(/^\d+ shards waiting: .*\.$/, slow);
  await expect(row(page, 'Next in line')).toHaveAccessibleName(/an earlier run goes first\.$/, slow);
  await expect(detail.locator('.tile-running img').first()).toBeVisible(slow);
  await screenshot(page, 'live-run-middle');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Pause queue' }).click();
  await expect(row(page, 'Next in line')).toHaveAccessibleName(/The queue is paused\.$/, slow);
  await page.getByRole('button', { name: 'Resume queue' }).click();
  await expect(row(page, 'Next in line')).not.toHaveAccessibleName(/The queue is paused/, slow);

  await row(page, 'Long night').focus();
  await page.keyboard.press('x');
  await expect(page.getByRole('dialog', { name: 'Cancel Long night?' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel run' }).focus();
  await page.keyboard.press('Enter');
  await expect(row(page, 'Long night')).toHaveAccessibleName(/Cancelled/, slow);
  await expect(row(page, 'Next in line')).toHaveAccessibleName(/Done, 2 of 2 shards$/, slow);
});

test('shows large pictures small, and whole in the viewer', async ({ live, page, host }) => {
  await expect(live.card('Worker 3')).toBeVisible();
  await submit(host, 'Large', 1, '4.width=1024', '4.height=768', '5.steps=2');
  await page.keyboard.press('Alt+2');
  await expect(row(page, 'Large')).toHaveAccessibleName(/Done/, slow);
  await page.keyboard.press('Alt+3');
  const newest = page.getByRole('list', { name: 'Files' }).getByRole('listitem').first();
  await expect(newest).toContainText('Large');
  await expect.poll(() => width(newest.locator('img'))).toBe(320);
  await newest.getByRole('button', { name: /^Open/ }).click();
  await expect.poll(() => width(page.getByRole('dialog').getByRole('img').first())).toBe(1024);
});
