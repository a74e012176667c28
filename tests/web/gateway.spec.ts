import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import type { Verdict } from '../../electron/core/gateway/access/gate.ts';
import { refuse } from '../../electron/core/gateway/access/refuse.ts';
import { EnsembleError } from '../../shared/errors.ts';
import { CLIENTS } from './fixtures/gateway.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

const TOKEN = 'kX2pV7cQmB4tZ9rLwN6yHs3JdF8gAeU1oTiKqRvWxYz';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

async function openAddress(page: Page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await page.getByRole('navigation', { name: 'Settings' }).getByText('ComfyUI address').click();
  const section = page.getByRole('region', { name: 'ComfyUI address' });
  await expect(section.getByText('http://127.0.0.1:8200')).toBeVisible();
  return section;
}

const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

for (const theme of ['dark', 'light'] as const) {
  test(`the address, closed and open, ${theme}`, async ({ page, fleetPage, center }) => {
    await fleetPage.open(theme);
    const section = await openAddress(page);
    await expect(section.getByText('Nobody is connected')).toBeVisible();
    await screenshot(page, `gateway-closed-${theme}`);
    await expectAccessible(page);

    await section.getByRole('switch', { name: 'Open to the network' }).click();
    await screenshot(page, `gateway-asks-${theme}`);
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Open it' }).click();
    await expect(section.getByText('http://192.168.1.20:8200')).toBeVisible();
    center.setGateway({ clients: CLIENTS, clientCount: 205 });
    await expect(section.getByText('krita-ai-diffusion 1.31')).toBeVisible();
    await section.getByRole('button', { name: 'Show', exact: true }).click();
    await expect(section.getByText(TOKEN)).toBeVisible();
    await section.scrollIntoViewIfNeeded();
    await screenshot(page, `gateway-open-${theme}`);
    await section.getByText('and 202 more').scrollIntoViewIfNeeded();
    await screenshot(page, `gateway-open-below-${theme}`);
    await expectAccessible(page);
    expect(center.settings.gatewayOpen).toBe(true);
  });
}

test('copies address, token and link, and hides the token until it is asked for', async ({
  page,
  fleetPage,
}) => {
  await fleetPage.open();
  const section = await openAddress(page);
  await section.getByRole('button', { name: 'Copy address' }).click();
  expect(await copied(page)).toBe('http://127.0.0.1:8200');
  await section.getByRole('switch', { name: 'Open to the network' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Open it' }).click();
  await section.getByRole('button', { name: 'Copy token' }).click();
  expect(await copied(page)).toBe(TOKEN);
  await section.getByRole('button', { name: 'Copy link' }).click();
  expect(await copied(page)).toBe(`http://192.168.1.20:8200/?token=${TOKEN}`);
  await expect(page.getByText(TOKEN)).toHaveCount(0);
  await section.getByRole('button', { name: 'Make a new one…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make a new token' }).click();
  await section.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(section.getByText(/^N3wT0ken/)).toBeVisible();
});

test('moves at once, and says in one sentence why it cannot', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  const section = await openAddress(page);
  const port = section.getByLabel('Port');
  await port.fill('9000');
  await port.press('Enter');
  await expect(section.getByText('http://127.0.0.1:9000')).toBeVisible();
  center.handlers['settings.update'] = () => {
    throw new EnsembleError(
      'port-in-use',
      'Port 9001 is taken by another program.',
      'Choose another one; 9002 is free.',
    );
  };
  await port.fill('9001');
  await port.press('Enter');
  await expect(section.getByRole('alert')).toContainText('Port 9001 is taken by another program.');
  await expect(section.getByText('http://127.0.0.1:9000')).toBeVisible();
  await screenshot(page, 'gateway-port-taken');
  await expectAccessible(page);
});

test('says when the port was taken at the start, and tries it again', async ({ page, fleetPage, center }) => {
  center.gateway = { ...center.gateway, url: 'http://127.0.0.1:8201' };
  await fleetPage.open();
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await page.getByRole('button', { name: 'Try 8200 again' }).click();
  await expect(page.getByRole('button', { name: 'Try 8200 again' })).toHaveCount(0);
  expect(center.calls.at(-1)).toEqual({ command: 'settings.update', args: { patch: { gatewayPort: 8200 } } });
});

test('keeps further names and how prompts are distributed', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  const section = await openAddress(page);
  await section.getByRole('radio', { name: 'Fan-out' }).click();
  await expect(section.getByText('runs once on every participant')).toBeVisible();
  await expect.poll(() => center.settings.gatewayDistribution).toBe('fan-out');
  const names = section.getByLabel('Further names');
  await names.fill('http://gpu.example.com');
  await expect(section.getByText('is no name: enter names like gpu.example.com')).toBeVisible();
  await names.press('Enter');
  await names.fill('gpu.example.com  box:443,gpu.example.com');
  await names.press('Enter');
  await expect.poll(() => center.settings.gatewayNames).toEqual(['gpu.example.com', 'box:443']);
  await expect(section.getByRole('heading', { name: 'Token' })).toBeVisible();
});

test('leaves alone what was set at the start', async ({ page, fleetPage, center }) => {
  center.gateway = {
    ...center.gateway,
    fixedHost: '0.0.0.0',
    open: true,
    addresses: ['http://192.168.1.20:8200'],
  };
  await fleetPage.open();
  const section = await openAddress(page);
  const toggle = section.getByRole('switch', { name: 'Open to the network' });
  await expect(toggle).toBeDisabled();
  await expect(toggle).toBeChecked();
  await expect(section.getByText('--gateway-host 0.0.0.0')).toBeVisible();
});

test('the fleet shows it above its cards', async ({ page, fleetPage, center, context }) => {
  await fleetPage.open();
  const strip = page.getByRole('region', { name: 'ComfyUI address' });
  await expect(strip.getByText('This machine only')).toBeVisible();
  center.setGateway({ clients: CLIENTS.slice(0, 1), clientCount: 1 });
  await expect(strip.getByText('This machine only · 1 client')).toBeVisible();
  await strip.getByRole('button', { name: 'Copy' }).click();
  expect(await copied(page)).toBe('http://127.0.0.1:8200');
  await screenshot(page, 'gateway-strip');
  await context.route('http://127.0.0.1:8200/', (route) => route.fulfill({ body: 'ComfyUI' }));
  const opened = context.waitForEvent('page');
  await strip.getByRole('button', { name: 'Open' }).click();
  await expect(await opened).toHaveURL('http://127.0.0.1:8200/');
  center.setGateway({ url: null });
  await expect(strip).toHaveCount(0);
});

test.describe('in a narrow window', () => {
  test.use({ viewport: { width: 450, height: 900 } });
  test('everything can be read', async ({ page, fleetPage, center }) => {
    center.settings = { ...center.settings, gatewayOpen: true };
    center.gateway = {
      ...center.gateway,
      ...{ open: true, addresses: ['http://192.168.1.20:8200', 'http://[fd00::2]:8200'] },
      ...{ clients: CLIENTS, clientCount: 3 },
    };
    await fleetPage.open();
    await screenshot(page, 'gateway-strip-narrow');
    const section = await openAddress(page);
    await section.getByRole('button', { name: 'Show', exact: true }).click();
    await screenshot(page, 'gateway-narrow');
    await section.getByText('python-requests 2.32.3').scrollIntoViewIfNeeded();
    await screenshot(page, 'gateway-narrow-below');
    await expectAccessible(page);
    const overflow = await page.evaluate(() => {
      const scroller = document.querySelector('.settings-scroll');
      return scroller === null ? 1 : scroller.scrollWidth - scroller.clientWidth;
    });
    expect(overflow).toBe(0);
  });
});

for (const theme of ['dark', 'light'] as const) {
  test(`the page that asks for the token, ${theme}`, async ({ page }) => {
    const server = createServer((request, response) => {
      const limited: Verdict = { kind: 'limited', seconds: 42 };
      const refused: Verdict = { kind: 'refused', status: 401, words: 'for programs' };
      refuse(request, response, request.url === '/limited' ? limited : refused);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`http://127.0.0.1:${port}/`);
    await expect(page.getByText('This browser has not shown one yet.')).toBeVisible();
    await screenshot(page, `gateway-token-page-${theme}`);
    await expectAccessible(page);
    await page.getByLabel('Token').fill('wrong & odd');
    await page.getByRole('button', { name: 'Open ComfyUI' }).click();
    await expect(page.getByText('That was not it')).toBeVisible();
    await expect(page).toHaveURL(/token=wrong\+%26\+odd$/);
    await page.goto(`http://127.0.0.1:${port}/limited`);
    await expect(page.getByText('Try again in 42 seconds.')).toBeVisible();
    await new Promise((resolve) => server.close(resolve));
  });
}
