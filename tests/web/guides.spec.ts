import type { Page } from '@playwright/test';
import { FLEETS } from './fixtures/fleets.ts';
import { readiness } from './fixtures/remote-replies.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';
import { setTunnel, TUNNEL_URL, UP } from './fixtures/tunnel.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

async function openGuides(page: Page) {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('guides');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Guides' });
  await expect(dialog.getByRole('heading', { name: 'Workers on this machine' })).toBeVisible();
  return dialog;
}

const TITLES = [
  ['Workers on this machine', 'local'],
  ['Another machine of your network', 'remote'],
  ['RunPod', 'runpod'],
  ['Other clouds', 'cloud'],
  ['A tunnel to a worker', 'worker-tunnel'],
  ['A tunnel to the whole fleet', 'gateway-tunnel'],
] as const;

for (const theme of ['dark', 'light'] as const) {
  test(`every guide, ${theme}`, async ({ page, fleetPage }) => {
    await fleetPage.open(theme);
    const dialog = await openGuides(page);
    for (const [title, id] of TITLES) {
      await dialog.getByRole('navigation').getByText(title, { exact: true }).click();
      await expect(dialog.getByRole('heading', { name: title })).toBeVisible();
      await screenshot(page, `guide-${id}-${theme}`);
      await expectAccessible(page);
    }
  });
}

test('commands have what the person typed in them, safely', async ({ page, fleetPage }) => {
  await fleetPage.open();
  const dialog = await openGuides(page);
  await dialog.getByRole('navigation').getByText('Another machine of your network').click();
  await dialog.getByLabel('Its name or address').fill('fe80::7');
  await dialog.getByLabel('Port of ComfyUI there').fill('9000');
  await dialog.getByLabel('Folder of ComfyUI there').fill("/srv/My $(rm) Comfy's");
  await expect(
    dialog.getByText(`cd '/srv/My $(rm) Comfy'\\''s' && python main.py --listen --port 9000`),
  ).toBeVisible();
  await expect(dialog.getByText("curl 'http://[fe80::7]:9000/system_stats'")).toBeVisible();
  await expect(dialog.getByText('sudo ufw allow 9000/tcp')).toBeVisible();
  const line = dialog.getByRole('region', { name: 'See whether it answers: On this machine' });
  await line.getByRole('button', { name: 'Copy' }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe("curl 'http://[fe80::7]:9000/system_stats'");
});

test('a check turns green by itself, and the guide leads on', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  const dialog = await openGuides(page);
  await dialog.getByRole('navigation').getByText('A tunnel to the whole fleet').click();
  await expect(dialog.getByText('It is closed.')).toBeVisible();
  setTunnel(center, UP);
  await expect(dialog.getByText(`It is open: ${TUNNEL_URL}.`)).toBeVisible();
  await expect(
    dialog.getByRole('navigation').getByRole('button', { name: /whole fleet Done/ }),
  ).toBeVisible();

  await dialog.getByRole('navigation').getByText('Another machine of your network').click();
  await expect(dialog.getByText('There is no remote worker yet.')).toBeVisible();
  const fleet = FLEETS.ready();
  const worker = fleet.instances[1];
  if (worker === undefined) throw new Error('no worker');
  const remote = {
    ...{ secure: false, path: '', certificate: null, access: null, source: null, agent: null },
    readiness: readiness(),
  };
  const added = { ...worker, id: 'far', name: 'Rack', type: 'remote' as const, host: 'rack.lan', remote };
  center.setFleet({ ...fleet, instances: [...fleet.instances, added] });
  await expect(dialog.getByText('Rack is in the fleet.')).toBeVisible();
  await expect(dialog.getByText('Rack: every rung holds.')).toBeVisible();
  await expect(dialog.getByLabel('Its name or address')).toHaveValue('rack.lan');
  await dialog.getByRole('button', { name: 'Add worker…' }).click();
  await expect(page.getByRole('dialog', { name: 'Add a worker' })).toBeVisible();
});

test('all of it goes by keyboard, in a narrow window too', async ({ page, fleetPage }) => {
  await page.setViewportSize({ width: 420, height: 800 });
  await fleetPage.open();
  const dialog = await openGuides(page);
  const entries = dialog.getByRole('navigation').getByRole('button');
  await expect(entries.first()).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('heading', { name: 'RunPod' })).toBeVisible();
  await screenshot(page, 'guide-narrow');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('an empty fleet and the tunnel’s settings lead to them', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  const fleet = FLEETS.ready();
  center.setFleet({ ...fleet, instances: fleet.instances.slice(0, 1) });
  await page.getByRole('button', { name: 'Guides to every kind of worker' }).click();
  await expect(page.getByRole('dialog', { name: 'Guides' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await page.getByRole('region', { name: 'Tunnel' }).getByRole('button', { name: 'Guide' }).click();
  await expect(page.getByRole('heading', { name: 'A tunnel to the whole fleet' })).toBeVisible();
});
