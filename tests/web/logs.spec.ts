import type { Page } from '@playwright/test';
import { FLEETS } from './fixtures/fleets.ts';
import { ScriptedLog } from './fixtures/scripted-log.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

function writeStart(log: ScriptedLog): void {
  log.write('[START] ComfyUI-Manager', 'debug');
  log.write('Total VRAM 24564 MB, total RAM 64212 MB');
  log.write('pytorch version: 2.9.0+cu128');
  log.write('Set vram state to: NORMAL_VRAM');
  log.write('Warning: the custom node “upscale-plus” took 4.2 s to import', 'warning');
  log.writeMany(60);
  log.write('Traceback (most recent call last):', 'error');
  log.write('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.', 'error');
  log.write('Prompt executed in 12.31 seconds');
}

async function openLogs(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Logs', exact: true }).first().click();
  await expect(page.getByRole('region', { name: 'Log of Master' })).toBeVisible();
}

const viewer = (page: Page) => page.getByRole('log');
const distanceToEnd = (page: Page) =>
  viewer(page).evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);

for (const theme of ['dark', 'light'] as const) {
  test(`logs are readable, ${theme}`, async ({ page, fleetPage, center }) => {
    const log = new ScriptedLog(center);
    writeStart(log);
    await fleetPage.open(theme);
    await openLogs(page);
    await expect(viewer(page).getByText('Prompt executed in 12.31 seconds')).toBeVisible();
    log.lose(1200);
    log.write('Prompt executed in 3.02 seconds');
    await expect(viewer(page).getByText('1,200 lines came too fast')).toBeVisible();
    await page.getByRole('button', { name: 'Times' }).click();
    await page.getByRole('searchbox', { name: 'Search in the log' }).fill('cuda');
    await page.getByRole('button', { name: 'Next match' }).click();
    await expect(page.getByText('1 of 1')).toBeVisible();
    await screenshot(page, `logs-${theme}`);
    await expectAccessible(page);
  });
}

test('follows, lets go when one scrolls up, and comes back with a count', async ({
  page,
  fleetPage,
  center,
}) => {
  const log = new ScriptedLog(center);
  log.writeMany(400);
  await fleetPage.open();
  await openLogs(page);
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  log.writeMany(50);
  await expect(viewer(page).getByText('Sampling step 449')).toBeVisible();
  await viewer(page).hover();
  await page.mouse.wheel(0, -2000);
  const newest = page.getByRole('button', { name: /Jump to newest/ });
  await expect(newest).toBeVisible();
  const place = await viewer(page).evaluate((element) => element.scrollTop);
  log.writeMany(30);
  await expect(newest).toHaveText('Jump to newest (30)');
  expect(await viewer(page).evaluate((element) => element.scrollTop)).toBe(place);
  await page.keyboard.press('End');
  await expect(viewer(page).getByText('Sampling step 479')).toBeVisible();
  await expect(newest).toBeHidden();
});

test('filters, searches by keyboard and jumps to the first error', async ({ page, fleetPage, center }) => {
  const log = new ScriptedLog(center);
  writeStart(log);
  log.writeMany(300);
  await fleetPage.open();
  await openLogs(page);
  await expect(viewer(page).getByText('Sampling step 367')).toBeVisible();
  await page.getByRole('button', { name: 'Jump to the first error' }).click();
  await expect(viewer(page).getByText('Traceback (most recent call last):')).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('vram');
  await expect(page.getByText('2 matches')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 of 2')).toBeVisible();
  await viewer(page).focus();
  await page.keyboard.press('n');
  await expect(page.getByText('2 of 2')).toBeVisible();
  await page.keyboard.press('Shift+N');
  await expect(page.getByText('1 of 2')).toBeVisible();
  await page.getByRole('combobox', { name: 'Level' }).selectOption('error');
  await expect(viewer(page).locator('.log-row')).toHaveCount(2);
  await expect(page.getByText('No match')).toBeVisible();
});

test('stops reading while paused and misses nothing', async ({ page, fleetPage, center }) => {
  const log = new ScriptedLog(center);
  log.writeMany(5);
  await fleetPage.open();
  await openLogs(page);
  await expect(viewer(page).getByText('Sampling step 4')).toBeVisible();
  await page.keyboard.press('p');
  await expect(page.getByText('Paused.')).toBeVisible();
  log.writeMany(3, 'While paused');
  await expect(viewer(page).getByText('While paused')).toHaveCount(0);
  await expectAccessible(page);
  await page.keyboard.press('p');
  await expect(viewer(page).getByText('While paused 7')).toBeVisible();
  await expect(viewer(page).locator('.log-row')).toHaveCount(8);
});

test('draws a long log with few elements, copies it and clears it after a question', async ({
  page,
  context,
  fleetPage,
  center,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const log = new ScriptedLog(center);
  log.writeMany(9000);
  await fleetPage.open();
  await openLogs(page);
  await expect(viewer(page).getByText('Sampling step 8999')).toBeVisible();
  expect(await viewer(page).locator('.log-row').count()).toBeLessThan(120);
  await page.getByRole('button', { name: 'Wrap long lines' }).click();
  await expect(viewer(page).getByText('Sampling step 8999')).toBeVisible();
  await page.getByRole('button', { name: 'Copy selection, or all shown lines' }).click();
  await expect(page.getByText('5,000 lines copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('Sampling step 8999');
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear log' }).click();
  await expect(page.getByText('Nothing logged yet')).toBeVisible();
  expect(center.calls.map(({ command }) => command)).toContain('logs.clear');
  log.write('After the clearing');
  await expect(viewer(page).getByText('After the clearing')).toBeVisible();
});

test.describe('a failed worker', () => {
  test.use({ scripted: { fleet: FLEETS.failing } });
  test('is shown first, its download is linked, and its refusal is told', async ({
    page,
    fleetPage,
    center,
  }) => {
    center.handlers['logs.read'] = () => {
      throw new Error('the disk is gone');
    };
    await fleetPage.open();
    await page.getByRole('button', { name: 'Logs', exact: true }).first().click();
    await expect(page.getByText('Something unexpected happened: the disk is gone')).toBeVisible();
    const failed = center.fleet.instances.find(({ process }) => process.status === 'failed');
    await expect(page.getByRole('combobox', { name: 'Server' })).toHaveValue(failed?.id ?? '');
    const link = page.getByRole('link', { name: 'Download the whole log' });
    await expect(link).toHaveAttribute('href', `${center.url}/files/logs/${failed?.id}.txt`);
    await expectAccessible(page);
  });
});

test('fits a small window and 200 % zoom', async ({ page, fleetPage, center }) => {
  const log = new ScriptedLog(center);
  writeStart(log);
  await page.setViewportSize({ width: 900, height: 640 });
  await fleetPage.open();
  await openLogs(page);
  await expect(viewer(page).getByText('Prompt executed')).toBeVisible();
  await screenshot(page, 'logs-small');
  await page.setViewportSize({ width: 450, height: 320 });
  await screenshot(page, 'logs-zoomed');
  await expectAccessible(page);
});
