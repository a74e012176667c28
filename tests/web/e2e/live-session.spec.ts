import { expectAccessible, screenshot } from '../fixtures/test.ts';
import { expect, strangersPage, test } from './live-test.ts';

test.describe.configure({ mode: 'default', timeout: 120_000 });
const slow = { timeout: 60_000 };

test('keeps a changed setting over a reload', async ({ live, page, host }) => {
  await expect(live.card('Master')).toBeVisible();
  await page.keyboard.press('Alt+6');
  const toggle = page.getByRole('switch', { name: 'Restart crashed servers' });
  await expect(toggle).toBeChecked();
  await toggle.click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.reload();
  await page.keyboard.press('Alt+6');
  await expect(toggle).not.toBeChecked();
  expect((await host.invoke('settings.get', {})).restartCrashed).toBe(false);
  await host.invoke('settings.update', { patch: { restartCrashed: true } });
  await expect(toggle).toBeChecked();
});

test('runs the doctor and previews an import', async ({ live, page }) => {
  await expect(live.card('Master')).toBeVisible();
  await page.keyboard.press('Alt+6');
  await page.getByRole('button', { name: 'Run the doctor' }).click();
  await expect(page.getByRole('button', { name: 'Run again' })).toBeVisible(slow);
  await expect(page.locator('.finding').first()).toBeVisible();
  const config = {
    workers: [
      { id: '1', name: 'Studio', port: 8301, cuda_device: 1, enabled: true, extra_args: '--lowvram' },
      { id: '2', name: 'Far away', host: '192.168.7.7', port: 8188, enabled: true, type: 'remote' },
      { id: '3', name: 'Nowhere', host: 'two words', port: 8188, enabled: true, type: 'remote' },
    ],
  };
  await page.getByLabel('gpu_config.json from this computer').setInputFiles({
    name: 'gpu_config.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(config)),
  });
  await expect(page.getByRole('heading', { name: 'What will change' })).toBeVisible(slow);
  await expect(page.locator('.import-preview')).toContainText('Studio');
  await expect(page.locator('.import-preview')).toContainText('Adds the remote worker “Far away”');
  await expect(page.getByRole('heading', { name: 'What is left out' })).toBeVisible();
  await expect(page.locator('.import-preview')).toContainText('“Nowhere” is left out');
  await page.locator('.import-preview').scrollIntoViewIfNeeded();
  await screenshot(page, 'live-settings');
  await expectAccessible(page);
});

test('shows a browser without a session how to get one', async ({ host, browser }) => {
  const page = await strangersPage(browser);
  const response = await page.goto(host.origin);
  expect(response?.status()).toBe(401);
  await expect(page.getByRole('heading', { name: 'Comfy Ensemble needs a sign-in link' })).toBeVisible();
  await screenshot(page, 'live-access');
  await expectAccessible(page);
  await page.context().close();
});

test.describe('after a restart of the host', () => {
  // The browser itself reports what fails while the host is away, and the refusal of its old session.
  test.use({ tolerated: /WebSocket|ERR_|401/ });

  test('an open page notices, and a new link brings it back', async ({ live, page, host }) => {
    await expect(live.card('Worker 1')).toBeVisible();
    await host.restart();
    const signedOut = page.getByRole('heading', { name: 'This page is signed out' });
    await expect(signedOut).toBeVisible(slow);
    await expect(page.getByText('ensemble open')).toBeVisible();
    await page.goto(await host.link());
    await expect(live.card('Worker 1')).toHaveAccessibleName('Worker 1, Ready', slow);
  });
});
