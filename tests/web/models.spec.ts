import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { EnsembleError } from '../../shared/errors.ts';
import { FLEETS } from './fixtures/fleets.ts';
import { largeReport, modelReport } from './fixtures/models.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

const WORKFLOW = '{"3":{"class_type":"KSampler","inputs":{"seed":9007199254741000}}}';
const panel = (page: Page) => page.getByRole('region', { name: 'Models', exact: true }).first();
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Models of this workflow' });

async function pick(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run workflow…' }).click();
  await page
    .getByRole('dialog', { name: 'Run workflow' })
    .getByLabel('Workflow file from this computer')
    .setInputFiles({ name: 'w.json', mimeType: 'application/json', buffer: Buffer.from(WORKFLOW) });
}

for (const theme of ['dark', 'light'] as const) {
  test(`tells in the run dialog what is missing, and shows it, ${theme}`, async ({ fleetPage, page }) => {
    await fleetPage.open(theme);
    await pick(page);
    await expect(panel(page)).toContainText('2 models missing on 3 workers');
    await panel(page).scrollIntoViewIfNeeded();
    await screenshot(page, `models-panel-${theme}`);
    await panel(page).getByRole('button', { name: 'Show models…' }).click();
    await expect(dialog(page).getByRole('row')).toHaveCount(3);
    await expect(dialog(page)).toContainText('Has no model flux1-dev-fp8.safetensors.');
    await expect(dialog(page)).toContainText('Downloads 2 models. Leaves out 1');
    await screenshot(page, `models-dialog-${theme}`);
    await expectAccessible(page);
    await dialog(page).getByRole('radio', { name: 'All (4)' }).check();
    await expect(dialog(page).getByRole('cell', { name: '205 MB to 307 MB' })).toBeVisible();
    await dialog(page).getByText('Leaves out 1').click();
    await screenshot(page, `models-dialog-all-${theme}`);
    await expectAccessible(page);
  });
}

test.describe('in a small window', () => {
  test.use({ viewport: { width: 480, height: 700 } });
  test('nothing breaks', async ({ fleetPage, page }) => {
    await fleetPage.open();
    await pick(page);
    await panel(page).scrollIntoViewIfNeeded();
    await screenshot(page, 'models-panel-narrow');
    await panel(page).getByRole('button', { name: 'Show models…' }).click();
    await expect(dialog(page)).toContainText('Downloads 2 models.');
    await screenshot(page, 'models-dialog-narrow');
    await expectAccessible(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide).toBe(false);
  });
});

test('remembers an address, by keyboard alone', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  await pick(page);
  await expect(panel(page)).toContainText('2 models missing');
  await panel(page).getByRole('button', { name: 'Show models…' }).press('Enter');
  await dialog(page).getByRole('button', { name: 'Enter address… for ink wash.safetensors' }).press('Enter');
  const address = page.getByRole('dialog', { name: 'Where it can be downloaded' });
  await expect(address.getByLabel('Address of the file')).toBeFocused();
  await expectAccessible(page);
  center.handlers['models.rememberUrl'] = () => {
    throw EnsembleError.badArgument(
      'url',
      'The address is no web address.',
      'Copy the link of the file itself.',
    );
  };
  await page.keyboard.type('nonsense');
  await page.keyboard.press('Enter');
  await expect(address).toContainText('The address is no web address. Copy the link of the file itself.');
  await screenshot(page, 'models-address-refused');
  center.handlers['models.rememberUrl'] = () => null;
  await address.getByLabel('Address of the file').fill('https://models.example/ink');
  const checks = (): number => center.calls.filter(({ command }) => command === 'models.check').length;
  const before = checks();
  await page.keyboard.press('Enter');
  await expect(address).toBeHidden();
  await expect.poll(checks).toBe(before + 1);
  expect(center.calls.filter(({ command }) => command === 'models.rememberUrl').at(-1)?.args).toEqual({
    folder: 'loras',
    name: 'ink wash.safetensors',
    url: 'https://models.example/ink',
  });
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect(panel(page).getByRole('button', { name: 'Show models…' })).toBeFocused();
});

test('asks for the folder where nothing tells it, and forgets an address', async ({
  fleetPage,
  page,
  center,
}) => {
  center.handlers['models.check'] = () => {
    const report = modelReport(center.fleet.instances);
    const models = report.models.map((model) =>
      model.id === '3'
        ? { ...model, folder: null }
        : { ...model, url: model.url && { ...model.url, from: 'person' as const } },
    );
    return { ...report, models };
  };
  await fleetPage.open();
  await pick(page);
  await panel(page).getByRole('button', { name: 'Show models…' }).click();
  await dialog(page).getByRole('button', { name: 'Enter address…' }).click();
  const address = page.getByRole('dialog', { name: 'Where it can be downloaded' });
  await address.getByLabel('Address of the file').fill('https://models.example/ink');
  await expect(address.getByRole('button', { name: 'Remember' })).toBeDisabled();
  await address.getByLabel('Folder').fill('loras');
  await screenshot(page, 'models-address-folder');
  await address.getByRole('button', { name: 'Remember' }).click();
  await dialog(page)
    .getByRole('button', { name: /change the address for flux1/ })
    .click();
  await address.getByRole('button', { name: 'Forget it' }).click();
  await expect(address).toBeHidden();
  expect(
    center.calls.filter(({ command }) => command === 'models.rememberUrl').map(({ args }) => args),
  ).toEqual([
    { folder: 'loras', name: 'ink wash.safetensors', url: 'https://models.example/ink' },
    { folder: 'diffusion_models', name: 'flux1-dev-fp8.safetensors', url: null },
  ]);
});

test('copies and saves the script for the instance and shell that are chosen', async ({
  fleetPage,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await fleetPage.open();
  await pick(page);
  await panel(page).getByRole('button', { name: 'Show models…' }).click();
  await dialog(page).getByLabel('For which instance').selectOption({ label: 'For Worker 2' });
  await dialog(page).getByRole('radio', { name: 'PowerShell' }).check();
  await dialog(page).getByRole('button', { name: 'Copy script' }).click();
  await expect(dialog(page).getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('# powershell for worker-2\n');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog(page).getByRole('button', { name: 'Save script…' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('ensemble-models.ps1');
  expect(await readFile(await download.path(), 'utf8')).toBe('# powershell for worker-2\n');
});

test.describe('on twenty instances', () => {
  test.use({ scripted: { fleet: FLEETS.many(19) } });
  test('200 models scroll both ways with few rows in the page', async ({ fleetPage, page, center }) => {
    center.handlers['models.check'] = () => largeReport(center.fleet.instances);
    await fleetPage.open();
    await pick(page);
    await panel(page).getByRole('button', { name: 'Show models…' }).click();
    await dialog(page).getByRole('radio', { name: 'All (200)' }).check();
    const table = dialog(page).getByRole('region', { name: 'Models' });
    expect(await table.getByRole('row').count()).toBeLessThan(60);
    await table.evaluate((element) => element.scrollTo(element.scrollWidth, 3000));
    const name = table.getByRole('cell', { name: /style_1\d\d/ }).first();
    await expect(name).toBeInViewport();
    expect(await table.getByRole('row').count()).toBeLessThan(60);
    await screenshot(page, 'models-dialog-large');
  });
});

test('says why a workflow cannot be read', async ({ fleetPage, page, center }) => {
  center.handlers['models.check'] = () => {
    throw EnsembleError.badArgument('workflow', 'The workflow has no nodes.');
  };
  await fleetPage.open();
  await pick(page);
  await expect(panel(page)).toContainText('The workflow has no nodes.');
  await expect(panel(page).getByRole('button', { name: 'Show models…' })).toBeDisabled();
});
