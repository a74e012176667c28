import type { Page } from '@playwright/test';
import { EnsembleError } from '../../shared/errors.ts';
import { fleet, instance } from './fixtures/fleets.ts';
import { EMPTY_STATE, FULL_STATE, lease, offer, setProviders } from './fixtures/providers.ts';
import { remoteFacts } from './fixtures/remote-fleets.ts';
import { artifact, counts, NO_WORK, run, shard } from './fixtures/runs.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

async function openProviders(page: Page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await page.getByRole('navigation', { name: 'Settings' }).getByText('Providers').click();
  return page.getByRole('region', { name: 'Providers' });
}

for (const theme of ['dark', 'light'] as const) {
  for (const [name, width] of [
    ['wide', 1280],
    ['narrow', 560],
  ] as const) {
    test(`providers, what is rented and what it costs, ${theme}, ${name}`, async ({
      page,
      fleetPage,
      center,
    }) => {
      await page.setViewportSize({ width, height: 1400 });
      setProviders(center, FULL_STATE);
      await fleetPage.open(theme);
      const section = await openProviders(page);
      await expect(
        section.getByText('podq2w3e at RunPod is used by nobody and costs $0.69 per hour.'),
      ).toBeVisible();
      await expect(section.getByText('$0.69/h · $0.34 so far · 1 h 30 min left')).toBeVisible();
      await screenshot(page, `providers-${theme}-${name}`);
      await expectAccessible(page);
    });
  }

  test(`the rent dialog, ${theme}`, async ({ page, fleetPage, center }) => {
    setProviders(center, FULL_STATE);
    await fleetPage.open(theme);
    const section = await openProviders(page);
    await section.getByRole('button', { name: 'Rent a worker…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rent a worker' });
    await expect(dialog.getByRole('radio', { name: /RTX A5000/ })).toBeDisabled();
    await expect(dialog.getByRole('button', { name: 'Rent', exact: true })).toBeDisabled();
    await dialog.getByRole('radio', { name: /RTX 4090/ }).check();
    await expect(dialog.getByText('At most $1.38 in 2 hours. Limit per day: $20.00.')).toBeVisible();
    await screenshot(page, `rent-${theme}`);
    await expectAccessible(page);
  });

  for (const kind of ['RunPod', 'Kubernetes', 'Command'] as const) {
    test(`a new provider, ${kind}, ${theme}`, async ({ page, fleetPage }) => {
      await page.setViewportSize({ width: 1100, height: 1000 });
      await fleetPage.open(theme);
      const section = await openProviders(page);
      await section.getByRole('button', { name: 'Add provider' }).click();
      await page.getByRole('menuitem', { name: kind }).click();
      await expect(page.getByRole('dialog', { name: `Add ${kind}` })).toBeVisible();
      await screenshot(page, `provider-${kind.toLowerCase()}-${theme}`);
      await expectAccessible(page);
    });
  }
}

test('rents at the price that the button names, and asks anew when it has changed', async ({
  page,
  fleetPage,
  center,
}) => {
  setProviders(center, FULL_STATE);
  await fleetPage.open();
  const section = await openProviders(page);
  await section.getByRole('button', { name: 'Rent a worker…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rent a worker' });
  await dialog.getByRole('radio', { name: /RTX 4090/ }).check();
  await dialog.getByLabel('For at most, hours').fill('3');
  center.handlers['providers.rent'] = () => {
    const hint = 'Look at the offers again and confirm anew.';
    throw new EnsembleError('conflict', 'RTX 4090 costs $0.74 per hour by now, not $0.69.', hint);
  };
  center.handlers['providers.offers'] = () => ({ offers: [offer({ pricePerHour: 0.74 })], problems: [] });
  await dialog.getByRole('button', { name: 'Rent for $0.69 per hour' }).click();
  await expect(dialog.locator('.problem')).toContainText('costs $0.74 per hour by now');
  delete center.handlers['providers.rent'];
  await dialog.getByRole('button', { name: 'Rent for $0.74 per hour' }).click();
  await expect(dialog).toHaveCount(0);
  expect(center.calls.filter(({ command }) => command === 'providers.rent').at(-1)?.args).toEqual({
    ...{ provider: 'runpod', offer: 'NVIDIA GeForce RTX 4090', pricePerHour: 0.74 },
    ...{ ttlMinutes: 180, idleMinutes: 30 },
  });
});

test('adds a provider with its secret, shows what is wrong, and never shows what is kept', async ({
  page,
  fleetPage,
  center,
}) => {
  await fleetPage.open();
  const section = await openProviders(page);
  await expect(section.getByText('No provider yet.')).toBeVisible();
  await section.getByRole('button', { name: 'Add provider' }).click();
  await page.getByRole('menuitem', { name: 'RunPod' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add RunPod' });
  center.handlers['providers.save'] = () => {
    throw EnsembleError.badArgument(
      'image',
      'Enter an image or a template that starts ComfyUI on port 8188.',
    );
  };
  await dialog.getByLabel('API key').fill('rpa_secret');
  await dialog.getByRole('button', { name: 'Add provider' }).click();
  await expect(dialog.locator('.problem')).toContainText('Enter an image or a template');
  await expectAccessible(page);
  delete center.handlers['providers.save'];
  await dialog.getByLabel('Image').fill('org/comfyui:1.2');
  await dialog.getByRole('button', { name: 'Add provider' }).click();
  await expect(dialog).toHaveCount(0);
  expect(center.calls.filter(({ command }) => command === 'providers.save').at(-1)?.args).toMatchObject({
    provider: { kind: 'runpod', image: 'org/comfyui:1.2' },
    credentials: { apiKey: 'rpa_secret' },
  });
  setProviders(center, FULL_STATE);
  await section.getByRole('button', { name: 'Actions for RunPod' }).click();
  await page.getByRole('menuitem', { name: 'Edit…' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit RunPod' });
  await expect(edit.getByText('••••••••')).toBeVisible();
  await expect(edit.getByLabel('API key', { exact: true })).toHaveCount(0);
});

test('gives back, adopts and limits by hand, each with its consequence named', async ({
  page,
  fleetPage,
  center,
}) => {
  setProviders(center, FULL_STATE);
  await fleetPage.open();
  const section = await openProviders(page);
  await section.getByRole('button', { name: 'Give RTX 4090 back' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Give back' }).click();
  await section.getByRole('button', { name: 'Adopt…' }).click();
  await expect(page.getByRole('dialog')).toContainText('at most $1.38 more');
  await page.getByRole('dialog').getByRole('button', { name: 'Adopt for $0.69/h' }).click();
  const cap = section.getByLabel('Limit per day');
  await cap.fill('many');
  await expect(section.getByText('Enter an amount such as 0.75 or 20')).toBeVisible();
  await cap.fill('$12.50');
  await cap.press('Enter');
  await expect
    .poll(() =>
      center.calls.filter(({ command }) => command.startsWith('providers.')).map(({ command }) => command),
    )
    .toEqual(expect.arrayContaining(['providers.release', 'providers.adopt', 'providers.setCaps']));
  expect(center.calls.at(-1)?.args).toEqual({ caps: { perHour: 5, perDay: 12.5, total: null } });
});

test('where a cloud worker is added, one can be rented; without a provider it leads to Settings', async ({
  page,
  fleetPage,
  center,
}) => {
  setProviders(center, EMPTY_STATE);
  await fleetPage.open();
  await page.getByRole('button', { name: 'Add worker', exact: false }).first().click();
  await page.getByRole('tab', { name: 'Cloud' }).click();
  await expect(page.getByText('No server yet? Rent one')).toBeVisible();
  await screenshot(page, 'rent-hint');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Rent a worker…' }).click();
  center.handlers['providers.offers'] = () => ({ offers: [], problems: [] });
  await page.getByRole('button', { name: 'Set one up in Settings' }).click();
  await expect(page.getByRole('region', { name: 'Providers' })).toBeVisible();
});

test.describe('a rented worker', () => {
  test.use({
    scripted: {
      fleet: () =>
        fleet([
          instance(0),
          instance(1, {
            ...{
              id: 'cloud-1',
              type: 'cloud',
              name: 'RTX 4090 (RunPod)',
              port: 443,
              gpuUuid: null,
              device: '',
            },
            host: 'pod7h9k2m-8188.proxy.runpod.net',
            remote: remoteFacts({ source: { kind: 'provider', provider: 'runpod', lease: 'k1' } }),
          }),
        ]),
    },
  });

  for (const theme of ['dark', 'light'] as const) {
    test(`says on its card what it costs and for how long, ${theme}`, async ({ page, fleetPage, center }) => {
      setProviders(center, FULL_STATE);
      await fleetPage.open(theme);
      const card = fleetPage.card('RTX 4090 \\(RunPod\\)');
      await expect(card.getByText('$0.69/h · 1 h 30 min left')).toBeVisible();
      await screenshot(page, `lease-card-${theme}`);
      await expectAccessible(page);
      setProviders(center, { ...FULL_STATE, leases: [lease({ billedMs: 7_000_000 })] });
      await expect(card.getByText('$0.69/h · 3 min left')).toBeVisible();
    });
  }
});

for (const theme of ['dark', 'light'] as const) {
  test(`a run says what its shards cost on rented workers, ${theme}`, async ({ page, fleetPage, center }) => {
    center.work = {
      ...NO_WORK(),
      runs: [run('cost', { shardCount: 4, shards: counts({ done: 4 }), artifactCount: 4 })],
      shards: [0, 1, 2, 3].map((index) => shard('cost', index)),
      artifacts: [0, 1, 2, 3].map((index) => artifact('cost', index)),
    };
    setProviders(center, { ...FULL_STATE, leases: [lease({ worker: 'worker-1' })] });
    await fleetPage.open(theme);
    await page.keyboard.press('Alt+2');
    await expect(page.getByText(/^Rented workers: \$/)).toBeVisible();
    await screenshot(page, `run-cost-${theme}`);
    await page.getByRole('tab', { name: /Shards/ }).click();
    await expect(page.getByRole('columnheader', { name: 'Cost' })).toBeVisible();
    await screenshot(page, `run-cost-shards-${theme}`);
    await expectAccessible(page);
  });
}
