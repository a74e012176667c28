import type { Page } from '@playwright/test';
import { EnsembleError } from '../../shared/errors.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';
import { MISSING, setTunnel, TUNNEL_URL, UP } from './fixtures/tunnel.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

async function openSection(page: Page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await page.getByRole('navigation', { name: 'Settings' }).getByText('Tunnel').click();
  const section = page.getByRole('region', { name: 'Tunnel' });
  await expect(section.getByRole('button', { name: 'Show log' })).toBeVisible();
  return section;
}

const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

for (const theme of ['dark', 'light'] as const) {
  test(`closed, asked about, open and failed, ${theme}`, async ({ page, fleetPage, center }) => {
    await fleetPage.open(theme);
    const section = await openSection(page);
    await expect(section.getByText('Closed', { exact: true })).toBeVisible();
    await screenshot(page, `tunnel-closed-${theme}`);
    await expectAccessible(page);

    await section.getByRole('button', { name: 'Open a tunnel…' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText(/reachable for the whole world/)).toBeVisible();
    await screenshot(page, `tunnel-asks-${theme}`);
    await dialog.getByRole('radio', { name: 'Named' }).click();
    await screenshot(page, `tunnel-asks-named-${theme}`);
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    setTunnel(center, UP);
    await expect(section.getByText(TUNNEL_URL).first()).toBeVisible();
    await section.getByRole('button', { name: 'Show log' }).click();
    await expect(section.getByRole('log')).toContainText('Registered tunnel connection');
    await screenshot(page, `tunnel-open-${theme}`);
    await expectAccessible(page);

    const reason = 'Cloudflare gives this network no more quick tunnels for the moment (too many requests).';
    setTunnel(center, {
      state: {
        ...{ status: 'failed', kind: 'quick', since: 1, reason, lines: [] },
        remedy: 'Wait some minutes; a named tunnel has no such limit.',
      },
      program: MISSING,
    });
    await expect(section.getByText(reason)).toBeVisible();
    await screenshot(page, `tunnel-failed-${theme}`);
    await expectAccessible(page);
  });
}

test('is opened only after a yes, with what the person chose', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  const section = await openSection(page);
  const starts = () => center.calls.filter(({ command }) => command === 'tunnel.start');
  await section.getByRole('button', { name: 'Open a tunnel…' }).click();
  await page.keyboard.press('Escape');
  expect(starts()).toEqual([]);

  await section.getByRole('button', { name: 'Open a tunnel…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Named' }).click();
  const yes = dialog.getByRole('button', { name: 'Open the tunnel' });
  await expect(yes).toBeDisabled();
  await dialog.getByLabel('Public name').fill('https://comfy.example.com');
  await expect(dialog.getByText(/Enter a name like comfy\.example\.com/)).toBeVisible();
  await dialog.getByLabel('Public name').fill('comfy.example.com');
  await expect(yes).toBeDisabled();
  await dialog.getByLabel('Tunnel token').fill(' eyJhIjoi ');
  center.handlers['tunnel.start'] = () => {
    throw new EnsembleError('unavailable', 'cloudflared was not found.', 'Download it.');
  };
  await yes.click();
  await expect(dialog.getByText('cloudflared was not found.')).toBeVisible();
  delete center.handlers['tunnel.start'];
  await yes.click();
  await expect(dialog).toHaveCount(0);
  expect(starts().at(-1)?.args).toEqual({ kind: 'named', host: 'comfy.example.com', token: 'eyJhIjoi' });
});

test('a token that is kept need not be typed again', async ({ page, fleetPage, center }) => {
  setTunnel(center, { hasToken: true });
  await fleetPage.open();
  const section = await openSection(page);
  await section.getByRole('button', { name: 'Open a tunnel…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'Named' }).click();
  await dialog.getByLabel('Public name').fill('comfy.example.com');
  await dialog.getByRole('button', { name: 'Open the tunnel' }).click();
  await expect(dialog).toHaveCount(0);
  expect(center.calls.at(-1)?.args).toEqual({ kind: 'named', host: 'comfy.example.com', token: null });
});

test('its address is copied and scanned, with the token only where that is asked for', async ({
  page,
  fleetPage,
  center,
}) => {
  setTunnel(center, UP);
  await fleetPage.open();
  const section = await openSection(page);
  await section.getByRole('button', { name: 'Copy address' }).click();
  await expect.poll(() => copied(page)).toBe(TUNNEL_URL);
  await section.getByRole('button', { name: 'Copy sign-in link' }).click();
  await expect.poll(() => copied(page)).toMatch(new RegExp(`^${TUNNEL_URL}/\\?token=.{43}$`));
  const plain = section.getByRole('img', { name: `QR code of ${TUNNEL_URL}` });
  const before = await plain.locator('path').getAttribute('d');
  await section.getByRole('checkbox', { name: 'The code signs in' }).check();
  const signing = section.getByRole('img', { name: 'QR code of the sign-in link' });
  await expect(signing).toBeVisible();
  expect(await signing.locator('path').getAttribute('d')).not.toBe(before);
  await expect(section.getByText('It holds the token')).toBeVisible();
  await section.getByRole('button', { name: 'Close the tunnel' }).click();
  expect(center.calls.at(-1)?.command).toBe('tunnel.stop');
});

test('cloudflared is downloaded on request, shown on its way and with its checksum', async ({
  page,
  fleetPage,
  center,
}) => {
  setTunnel(center, { program: MISSING });
  await fleetPage.open();
  const section = await openSection(page);
  await expect(section.getByRole('button', { name: 'Open a tunnel…' })).toBeDisabled();
  await section.getByRole('button', { name: 'Download cloudflared' }).click();
  expect(center.calls.at(-1)?.command).toBe('tunnel.download');
  setTunnel(center, {
    program: { status: 'downloading', version: '2026.9.1', received: 21_000_000, total: 42_000_000 },
  });
  await expect(section.getByText('Downloading cloudflared 2026.9.1: 20 MB of 40.1 MB')).toBeVisible();
  await expect(section.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '50');
  await screenshot(page, 'tunnel-download');
  await expectAccessible(page);
  const sha256 = 'ab'.repeat(32);
  const path = '/data/tunnel/cloudflared';
  setTunnel(center, {
    program: { ...{ status: 'found', source: 'downloaded', version: '2026.9.1' }, path, sha256 },
  });
  await expect(section.getByText(sha256)).toBeVisible();
  await expect(section.getByRole('button', { name: 'Open a tunnel…' })).toBeEnabled();
});

test('what it does with the app, and where its program is, are kept', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  const section = await openSection(page);
  await section.getByLabel('When the app starts').selectOption('quick');
  await expect.poll(() => center.settings.tunnelAtStart).toBe('quick');
  await expect(section.getByText(/whenever the app runs, each time under another name/)).toBeVisible();
  const path = section.getByLabel('Path of cloudflared');
  await path.fill('/opt/cloudflared');
  await path.press('Enter');
  await expect.poll(() => center.settings.tunnelProgram).toBe('/opt/cloudflared');
  await path.fill('');
  await path.press('Enter');
  await expect.poll(() => center.settings.tunnelProgram).toBeNull();
});

test('the fleet shows the public address above its cards', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  const strip = page.getByRole('region', { name: 'ComfyUI address' });
  center.setGateway({ addresses: [TUNNEL_URL] });
  await expect(strip.getByText('On the internet by a tunnel')).toBeVisible();
  await strip.getByRole('button', { name: 'Copy public address' }).click();
  await expect.poll(() => copied(page)).toBe(TUNNEL_URL);
  await screenshot(page, 'tunnel-strip');
  await expectAccessible(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('close the tunnel');
  await page.keyboard.press('Enter');
  await expect.poll(() => center.calls.at(-1)?.command).toBe('tunnel.stop');
});

test('stays whole in a narrow window', async ({ page, fleetPage, center }) => {
  await page.setViewportSize({ width: 420, height: 800 });
  const sha256 = 'ab'.repeat(32);
  setTunnel(center, {
    ...UP,
    program: {
      ...{ status: 'found', source: 'downloaded', version: '2026.9.1' },
      ...{ path: '/data/tunnel/cloudflared', sha256 },
    },
  });
  await fleetPage.open();
  await openSection(page);
  await screenshot(page, 'tunnel-narrow');
  const section = page.getByRole('region', { name: 'Tunnel' });
  for (const long of [section.getByText(TUNNEL_URL).first(), section.getByText(sha256).last()]) {
    const { x = 0, width = 999 } = (await long.boundingBox()) ?? {};
    expect(x + width).toBeLessThanOrEqual(400);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
  await expectAccessible(page);
});
