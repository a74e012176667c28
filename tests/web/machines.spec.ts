import type { Page } from '@playwright/test';
import { EnsembleError } from '../../shared/errors.ts';
import { AGENT_FLEETS } from './fixtures/agent-fleets.ts';
import { agent } from './fixtures/agent-replies.ts';
import { found, SOME_FOUND } from './fixtures/discovery-replies.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

/** Other machines: paired, found, let go of, and the cards of their GPUs. */

async function openMachines(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await page.getByRole('navigation', { name: 'Settings' }).getByText('Other machines').click();
  await expect(page.getByRole('heading', { name: 'Other machines' })).toBeVisible();
}

const SIDE = {
  id: 'a',
  name: 'cellar',
  addresses: ['192.168.1.20:8290', '10.8.0.3:8290'],
  fingerprint: 'AA:BB',
  masters: [{ id: 'm', name: 'Office', since: 1, connected: true }],
};

for (const theme of ['dark', 'light'] as const) {
  test(`the section is accessible and looked at, ${theme}`, async ({ page, fleetPage, center }) => {
    center.handlers['agents.list'] = () => [
      agent(),
      agent({ id: 'b', name: 'attic', link: { status: 'offline', since: 1, reason: 'no sign of life' } }),
      agent({
        ...{ id: 'c', name: 'a machine whose name is as long as names of machines can be', host: 'fe80::1' },
        ...{ gpus: [], workers: [], link: { status: 'refused', since: 1, reason: 'it does not know us' } },
      }),
    ];
    center.handlers['agent.status'] = () => SIDE;
    center.handlers['discovery.list'] = () => SOME_FOUND;
    await fleetPage.open(theme);
    await openMachines(page);
    await page.getByRole('button', { name: 'Show a pairing code' }).click();
    await expect(page.getByText('7KQ2-M9XD')).toBeVisible();
    await screenshot(page, `machines-${theme}`);
    await expectAccessible(page);
    await page.setViewportSize({ width: 640, height: 900 });
    await screenshot(page, `machines-${theme}-narrow`);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Pair a machine…' }).click();
    await expect(page.getByRole('dialog', { name: 'Pair a machine' })).toBeVisible();
    await screenshot(page, `pair-machine-${theme}`);
    await expectAccessible(page);
  });
}

test('pairs a machine, and tells what became of it', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  await openMachines(page);
  await page.getByRole('button', { name: 'Pair a machine…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pair a machine' });
  await expect(dialog.getByLabel('Address')).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Pair', exact: true })).toBeDisabled();
  await dialog.getByLabel('Address').fill('192.168.1.20');
  await dialog.getByLabel('Code').fill('7kq2 m9xd');
  center.handlers['agents.pair'] = () => {
    throw new EnsembleError('conflict', 'The code is wrong.', 'Type the code that the agent shows now.');
  };
  await dialog.getByLabel('Code').press('Enter');
  await expect(dialog.getByText('The code is wrong.')).toBeVisible();
  await screenshot(page, 'pair-machine-refused');
  delete center.handlers['agents.pair'];
  await dialog.getByRole('button', { name: 'Pair', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('cellar is paired')).toBeVisible();
  await expect(page.getByText('2 workers were added.')).toBeVisible();
  const sent = center.calls.filter(({ command }) => command === 'agents.pair').map(({ args }) => args);
  expect(sent[0]).toEqual({ host: '192.168.1.20', port: 8290, code: '7kq2 m9xd' });
});

test('lets go of a machine only when that was meant', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  await openMachines(page);
  await page.getByRole('button', { name: 'Let go… of cellar' }).click();
  await expect(page.getByText('Its 2 workers disappear from the fleet')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Let go… of cellar' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Let go', exact: true }).click();
  await expect.poll(() => center.calls.filter(({ command }) => command === 'agents.unpair')).toHaveLength(1);
  center.emit('agents', []);
  await expect(page.getByText('No machine is paired yet.')).toBeVisible();
});

test('shows who is found, and takes them over with one click', async ({ page, fleetPage, center }) => {
  center.handlers['discovery.list'] = () => SOME_FOUND;
  await fleetPage.open();
  await openMachines(page);
  await page.getByRole('switch', { name: 'Find others in this network' }).click();
  await expect.poll(() => center.settings.discovery).toBe(true);
  await page.getByRole('button', { name: 'Use Studio ComfyUI' }).click();
  await expect
    .poll(() => center.calls.find(({ command }) => command === 'remote.add')?.args)
    .toMatchObject({ draft: { name: 'Studio ComfyUI', host: '192.168.1.44', port: 8188, secure: false } });
  await page.getByRole('button', { name: 'Pair… attic' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pair a machine' });
  await expect(dialog.getByLabel('Address')).toHaveValue('192.168.1.31:8290');
  await expect(dialog.getByLabel('Code')).toBeFocused();
  await page.keyboard.press('Escape');
  const hostile = found({ id: 'hostile-1', name: '<img src=x onerror=alert(1)>' });
  center.emit('discovery', { enabled: true, problem: 'Port 5353 is taken.', found: [hostile] });
  await expect(page.getByRole('strong').getByText('<img src=x onerror=alert(1)>')).toBeVisible();
  await expect(page.getByText('Port 5353 is taken.')).toBeVisible();
  center.emit('discovery', { enabled: false, problem: null, found: [] });
  await expect(page.getByText('Found in this network')).toHaveCount(0);
});

for (const [name, scripted] of Object.entries(AGENT_FLEETS)) {
  test.describe(`cards of an agent: ${name}`, () => {
    test.use({ scripted: { fleet: scripted } });
    for (const theme of ['dark', 'light'] as const) {
      test(`are accessible and looked at, ${theme}`, async ({ fleetPage, page }) => {
        await fleetPage.open(theme);
        await expect(fleetPage.card('cellar · Master')).toBeVisible();
        await screenshot(page, `agent-${name}-${theme}`);
        await expectAccessible(page);
      });
    }
  });
}

test.describe('a card of an agent', () => {
  test.use({ scripted: { fleet: AGENT_FLEETS.well } });

  test('shows its GPU with readings, and starts and stops it', async ({ fleetPage, center }) => {
    await fleetPage.open();
    const card = fleetPage.card('cellar · Worker 1');
    await expect(card.getByText('NVIDIA RTX A6000 · 192.168.1.20')).toBeVisible();
    const gpu = center.fleet.instances[2]?.remote?.agent?.gpu?.uuid ?? '';
    const reading = {
      memoryUsed: 12 * 2 ** 30,
      utilization: 0.5,
      temperature: 61,
      power: 200,
      powerLimit: 300,
    };
    center.emit('telemetry', { at: Date.now(), gpus: [{ uuid: gpu, ...reading }], host: EMPTY_HOST });
    await expect(card.getByText('61 °C')).toBeVisible();
    const stopped = fleetPage.card('cellar · Worker 2');
    await stopped.getByRole('button', { name: 'Launch' }).click();
    await expect
      .poll(() => center.calls.find(({ command }) => command === 'instance.start')?.args)
      .toEqual({ id: 'worker-3' });
  });
});

const EMPTY_HOST = { cpu: null, memoryUsed: null, memoryTotal: null, diskFree: null, diskTotal: null };

test.describe('a card of an agent that is cut off', () => {
  test.use({ scripted: { fleet: AGENT_FLEETS.cut } });

  test('says why, offers nothing that cannot be done, and comes back by itself', async ({
    fleetPage,
    center,
  }) => {
    await fleetPage.open();
    const card = fleetPage.card('cellar · Master');
    await expect(card.getByText('cellar cannot be reached: no sign of life for some seconds')).toBeVisible();
    await expect(card.getByRole('button', { name: /^(Launch|Stop|Restart)/ })).toHaveCount(0);
    const other = fleetPage.card('cellar · Worker 1');
    await expect(other.getByText('192.168.1.20:8290 does not answer within 8 s')).toBeVisible();
    const well = AGENT_FLEETS.well().instances.find(({ id }) => id === 'worker-1');
    center.change('worker-1', well ?? {});
    await expect(card.getByText(/cannot be reached/)).toHaveCount(0);
  });
});

test('a found server fills the dialog', async ({ page, fleetPage, center }) => {
  center.handlers['discovery.list'] = () => SOME_FOUND;
  await fleetPage.open();
  await page
    .getByRole('button', { name: /Add worker/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Add a worker' });
  await dialog.getByRole('tab', { name: 'Remote' }).click();
  await dialog.getByRole('button', { name: 'Use Studio ComfyUI' }).click();
  await expect(dialog.getByLabel('Host')).toHaveValue('192.168.1.44');
  await expectAccessible(page);
});
