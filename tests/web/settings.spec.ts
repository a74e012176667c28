import type { Page } from '@playwright/test';
import { EnsembleError } from '../../shared/errors.ts';
import { FLEETS } from './fixtures/fleets.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

async function openSettings(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await expect(page.getByRole('heading', { name: 'General' })).toBeVisible();
}

for (const theme of ['dark', 'light'] as const) {
  test(`every section is accessible, ${theme}`, async ({ page, fleetPage }) => {
    await fleetPage.open(theme);
    await openSettings(page);
    await expect(page.getByText('/home/ada/old')).toBeVisible();
    await screenshot(page, `settings-${theme}`);
    await page.getByRole('button', { name: 'Run the doctor' }).click();
    await expect(page.getByText('1 problem and 1 warning found.')).toBeVisible();
    await page.getByLabel(/Path of gpu_config/).fill('/old/gpu_config.json');
    await page.getByRole('button', { name: 'Preview' }).click();
    await expect(page.getByText('Adds Worker 1 on port 8189.')).toBeVisible();
    await page.getByRole('navigation', { name: 'Settings' }).getByText('Import').click();
    await screenshot(page, `settings-import-${theme}`);
    await page.getByRole('navigation', { name: 'Settings' }).getByText('About').click();
    await screenshot(page, `settings-about-${theme}`);
    await expect(page.getByRole('heading', { name: 'About' })).toBeFocused();
    expect(await page.evaluate(() => document.documentElement.scrollTop + document.body.scrollTop)).toBe(0);
    await expectAccessible(page);
  });
}

test('saves every change at once and says so', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  await openSettings(page);
  await page.getByRole('switch', { name: 'Stop the fleet on quit' }).click();
  await expect(page.getByText(/go on rendering without Comfy Ensemble/)).toBeVisible();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  expect(center.settings.stopOnQuit).toBe(false);
  await page.getByRole('radio', { name: 'Light' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  const seconds = page.getByLabel('Time to start, seconds');
  await seconds.fill('2');
  await expect(page.getByText('Enter a whole number from 5 to 86,400.')).toBeVisible();
  await seconds.fill('900');
  await seconds.press('Enter');
  await expect.poll(() => center.settings.readyTimeoutSeconds).toBe(900);
  await page.getByLabel('Days to remember them').fill('30');
  await page.getByLabel('Days to remember them').press('Enter');
  await expect.poll(() => center.settings.keepRunDays).toBe(30);
  await expect(page.getByRole('switch', { name: 'Close to the tray' })).toHaveCount(0);
});

test('puts a refused change back and tells why', async ({ page, fleetPage, center }) => {
  center.handlers['settings.update'] = () => {
    throw new EnsembleError('disk-full', 'The settings could not be saved.', 'Make room on the disk.');
  };
  await fleetPage.open();
  await openSettings(page);
  const toggle = page.getByRole('switch', { name: 'Restart crashed servers' });
  await toggle.click();
  await expect(page.getByText('Make room on the disk.')).toBeVisible();
  await expect(toggle).toBeChecked();
  await screenshot(page, 'settings-refused');
  await expectAccessible(page);
});

test('imports after a preview and a question', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  await openSettings(page);
  await page.getByLabel('gpu_config.json from this computer').setInputFiles({
    name: 'gpu_config.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"workers":[]}'),
  });
  await page.getByRole('button', { name: 'Import…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText('One change imported')).toBeVisible();
  expect(center.calls.findLast(({ command }) => command === 'import.apply')?.args).toEqual({
    source: { text: '{"workers":[]}' },
  });
});

test('asks before a running fleet gets another ComfyUI', async ({ page, fleetPage, center }) => {
  center.handlers['comfyui.check'] = ({ root }) => {
    if (root === '/wrong') {
      throw new EnsembleError('no-comfyui', 'This folder has no main.py.', 'Pick the folder that holds it.');
    }
    return {
      root,
      python: '/usr/bin/python3',
      version: '0.3.64',
      source: 'picked',
      flags: [],
      baseDirectory: null,
    };
  };
  await fleetPage.open();
  await openSettings(page);
  const folder = page.getByLabel('Another folder');
  await folder.fill('/wrong');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByRole('alert').getByText('This folder has no main.py.')).toBeVisible();
  await folder.fill('/opt/comfy');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByRole('button', { name: 'Use this folder' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Use it' }).click();
  await expect(page.getByText('The fleet uses this ComfyUI')).toBeVisible();
  expect(center.calls.findLast(({ command }) => command === 'comfyui.use')?.args).toEqual({
    root: '/opt/comfy',
    python: '/usr/bin/python3',
  });
});

test.describe('in the desktop window', () => {
  test.use({ viewport: { width: 900, height: 640 }, scripted: { fleet: FLEETS.ready } });
  test('shows what only a desktop can', async ({ page, fleetPage, center }) => {
    center.handlers['system.info'] = () => ({
      name: 'Comfy Ensemble',
      version: '0.1.0',
      shell: 'desktop',
      platform: 'linux',
      dataDirectory: '/data',
      url: center.url,
      gatewayUrl: null,
      pid: 1,
      canPickFolders: true,
      canLaunchAtLogin: true,
      versions: {},
    });
    center.handlers['shell.pickFolder'] = () => ({ path: '/picked' });
    await fleetPage.open();
    await openSettings(page);
    await page.getByRole('switch', { name: 'Start at login' }).click();
    await expect.poll(() => center.settings.launchAtLogin).toBe(true);
    await expect(page.getByRole('switch', { name: 'Close to the tray' })).toBeVisible();
    await page.getByRole('button', { name: 'Pick folder' }).click();
    await expect(page.getByLabel('Another folder')).toHaveValue('/picked');
    await screenshot(page, 'settings-small');
    await page.setViewportSize({ width: 450, height: 320 });
    await screenshot(page, 'settings-zoomed');
    await expectAccessible(page);
  });
});
