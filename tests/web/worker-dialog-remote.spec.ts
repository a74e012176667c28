import { EnsembleError } from '../../shared/errors.ts';
import { REMOTE_FLEETS } from './fixtures/remote-fleets.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';
import { openTab, paste } from './pages/worker-dialog-page.ts';

const POD = 'wcegfo9tbbml9l-8188.proxy.runpod.net';

test('a pasted address of the cloud moves to the Cloud tab, a typed one offers it', async ({
  page,
  fleetPage,
}) => {
  await fleetPage.open();
  const dialog = await openTab(page, 'Remote');
  await dialog.getByLabel('Address').fill(POD);
  await expect(dialog.getByText('Reached over https, as workers in the cloud are.')).toBeVisible();
  await expect(dialog.getByRole('tab', { name: 'Remote' })).toHaveAttribute('aria-selected', 'true');
  await dialog.getByRole('button', { name: 'Switch to Cloud' }).click();
  await expect(dialog.getByRole('tab', { name: 'Cloud' })).toHaveAttribute('aria-selected', 'true');
  await expect(dialog.getByLabel('Name')).toHaveValue('Runpod wcegfo9tbbml9l');
  await expect(dialog.getByLabel('Port')).toHaveValue('443');
  await expect(dialog.getByRole('switch', { name: 'https' })).toBeChecked();

  await dialog.getByRole('tab', { name: 'Remote' }).click();
  await paste(page, dialog.getByLabel('Address'), 'https://comfy.example.com:8443/gpu/1');
  await expect(dialog.getByRole('tab', { name: 'Cloud' })).toHaveAttribute('aria-selected', 'true');
  await expect(dialog.getByLabel('Address')).toBeFocused();
  await expect(dialog.getByText(/Taken as a cloud worker/)).toBeVisible();
  await expect(dialog.getByLabel('Path')).toHaveValue('/gpu/1');
  await screenshot(page, 'worker-cloud-moved');
});

test('parts that are edited by hand make the address, and problems stand beside them', async ({
  page,
  fleetPage,
  center,
}) => {
  center.handlers['remote.check'] = ({ draft }) => ({
    problems:
      draft.host === '127.0.0.1'
        ? [
            { field: 'host', message: 'That is this machine: add it under Local.' },
            { field: 'access.token', message: 'A token holds no line breaks.' },
            { field: 'certificate', message: 'That is no certificate.' },
          ]
        : [],
    url: null,
  });
  await fleetPage.open();
  const dialog = await openTab(page, 'Remote');
  await dialog.getByLabel('Address').fill('ftp://host');
  await expect(dialog.getByText(/“ftp:\/\/” is not an address of a ComfyUI/)).toBeVisible();
  await dialog.getByLabel('Address').fill('127.0.0.1');
  await dialog.getByLabel('Port').fill('99999');
  await expect(dialog.getByText('Enter a port from 1 to 65535.')).toBeVisible();
  await dialog.getByLabel('Port').fill('8188');
  await dialog.getByLabel('Path').fill('../x');
  await expect(dialog.getByText('Enter a path such as /comfy.')).toBeVisible();
  await dialog.getByLabel('Path').fill('comfy');
  await expect(dialog.getByLabel('Address')).toHaveValue('http://127.0.0.1:8188/comfy');
  await expect(dialog.getByText('That is this machine: add it under Local.')).toBeVisible();
  await expect(dialog.getByText('A token holds no line breaks.')).toBeVisible();
  await expect(dialog.getByRole('alert').getByText('That is no certificate.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Add worker' })).toBeDisabled();
  await screenshot(page, 'worker-remote-problems');
  await expectAccessible(page);
});

test('keeps secrets out of sight, and says what is still to be filled in', async ({
  page,
  fleetPage,
  center,
}) => {
  await fleetPage.open();
  const dialog = await openTab(page, 'Cloud');
  await dialog.getByLabel('Address').fill(POD);
  for (const [kind, fields] of [
    ['bearer', { Token: 'Bearer abc' }],
    ['basic', { User: 'ada', Password: 'pw' }],
    ['cloudflare', { 'Client ID': 'id.access', 'Client secret': 's3' }],
    ['headers', { 'Header 1': 'X-Key', 'Value 1': 'v' }],
  ] as const) {
    await dialog.getByLabel('Access', { exact: true }).selectOption(kind);
    await expect(dialog.getByText(/Still to be filled in: /)).toBeVisible();
    for (const [label, value] of Object.entries(fields))
      await dialog.getByLabel(label, { exact: true }).fill(value);
    await expect(dialog.getByText(/Still to be filled in: /)).toBeHidden();
    await screenshot(page, `worker-access-${kind}`);
  }
  await expect(dialog.getByLabel('Value 1')).toHaveAttribute('type', 'password');
  await dialog.getByRole('button', { name: 'Another header' }).click();
  await dialog.getByLabel('Header 2', { exact: true }).fill('X-Two');
  await dialog.getByLabel('Value 2').fill('2');
  await dialog.getByRole('button', { name: 'Remove header 1' }).click();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add worker' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('It was not tested; its card tells how it is.')).toBeVisible();
  expect(center.calls.find(({ command }) => command === 'remote.add')?.args).toMatchObject({
    draft: { type: 'cloud', access: { kind: 'headers', headers: [{ name: 'X-Two', value: '2' }] } },
  });
});

test('takes what was found in the network with one click', async ({ page, fleetPage, center }) => {
  const place = {
    id: 'a',
    kind: 'comfyui',
    name: 'Studio',
    host: '192.168.1.40',
    port: 8190,
    version: null,
    known: false,
  } as const;
  center.handlers['discovery.list'] = () => ({
    enabled: true,
    problem: null,
    found: [place, { ...place, id: 'b', kind: 'agent', name: 'Cellar' }],
  });
  await fleetPage.open();
  const dialog = await openTab(page, 'Remote');
  await dialog.getByRole('button', { name: 'Use Studio' }).click();
  await expect(dialog.getByLabel('Address')).toHaveValue('http://192.168.1.40:8190');
  await expect(dialog.getByLabel('Name')).toHaveValue('Studio');
  await screenshot(page, 'worker-remote-found');
  await expectAccessible(page);
  await dialog.getByRole('tab', { name: 'Cloud' }).click();
  await expect(dialog.getByRole('button', { name: 'Use Studio' })).toBeHidden();
});

test.describe('an existing worker elsewhere', () => {
  test.use({ scripted: { fleet: REMOTE_FLEETS.well } });

  test('is edited with its secrets kept, and a refusal keeps the dialog', async ({
    page,
    fleetPage,
    center,
  }) => {
    center.handlers['remote.update'] = () => {
      throw new EnsembleError('conflict', 'gpu-box is there already.', 'Choose another address.', [
        { field: 'host', message: 'That is the address of gpu-box.' },
      ]);
    };
    await fleetPage.open();
    await (await fleetPage.openMenu('Runpod wcegfo9tbbml9l')).getByRole('menuitem', { name: /Edit/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit Runpod wcegfo9tbbml9l' });
    await expect(dialog.getByRole('tab')).toHaveText(['Remote', 'Cloud']);
    await expect(dialog.getByLabel('Address')).toHaveValue(`https://${POD}`);
    await expect(dialog.getByLabel('Access', { exact: true })).toHaveValue('keep');
    await expect(
      dialog.getByRole('option', { name: 'Keep what is stored (Bearer ••••3f9a)' }),
    ).toBeAttached();
    await expect(dialog.getByRole('status').getByText('All 5 rungs hold')).toBeVisible();
    await dialog.getByLabel('Name').fill('Pod');
    await expect(dialog.getByRole('status').getByText('All 5 rungs hold')).toBeVisible();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByText('That is the address of gpu-box.')).toBeVisible();
    await expect(dialog.getByText('Choose another address.')).toBeVisible();
    await screenshot(page, 'worker-remote-edit-refused');
    delete center.handlers['remote.update'];
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Pod saved')).toBeVisible();
    expect(center.calls.findLast(({ command }) => command === 'remote.update')?.args).toMatchObject({
      id: 'worker-4',
      draft: { name: 'Pod', host: POD, access: { kind: 'keep' } },
    });
  });
});

test('a whole worker is added without a mouse', async ({ page, fleetPage, center }) => {
  await fleetPage.open();
  await page
    .getByRole('button', { name: /Add worker/ })
    .first()
    .focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a worker' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  // Over the tab's own panel, which scrolls.
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowRight');
  await expect(dialog.getByRole('tab', { name: 'Remote' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(dialog.getByLabel('Address')).toBeFocused();
  await page.keyboard.type('192.168.1.20:8191');
  await expect(dialog.getByRole('button', { name: 'Add worker' })).toBeEnabled();
  await page.keyboard.press('Enter');
  await expect(page.getByText('192.168.1.20:8191 added')).toBeVisible();
  expect(center.calls.some(({ command }) => command === 'remote.add')).toBe(true);
});
