import type { Locator, Page } from '@playwright/test';
import { EnsembleError } from '../../shared/errors.ts';
import type { Readiness, RemoteDraft } from '../../shared/remote.ts';
import { BROKEN, CERTIFICATE, LONG_HOST, REMOTE_FLEETS } from './fixtures/remote-fleets.ts';
import { readiness } from './fixtures/remote-replies.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

const POD = 'wcegfo9tbbml9l-8188.proxy.runpod.net';

async function openTab(page: Page, name: 'Remote' | 'Cloud'): Promise<Locator> {
  await page
    .getByRole('button', { name: /Add worker/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Add a worker' });
  await dialog.getByRole('tab', { name }).click();
  return dialog;
}

/** As a person pastes: in one piece, over what is there. */
async function paste(page: Page, field: Locator, text: string): Promise<void> {
  await field.fill('');
  await field.evaluate((input: HTMLInputElement, pasted) => {
    input.dispatchEvent(new ClipboardEvent('paste', { bubbles: true }));
    document.execCommand('insertText', false, pasted);
  }, text);
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
}

for (const theme of ['dark', 'light'] as const) {
  test(`takes a pasted address apart, tests it live and adds it, ${theme}`, async ({
    page,
    fleetPage,
    center,
  }) => {
    const held: ((readiness: Readiness) => void)[] = [];
    let testId = '';
    center.handlers['remote.test'] = (args) => {
      testId = args.testId;
      return new Promise((resolve) => held.push(resolve));
    };
    await fleetPage.open(theme);
    const dialog = await openTab(page, 'Remote');
    await screenshot(page, `worker-remote-empty-${theme}`);
    await expectAccessible(page);
    await expect(dialog.getByText('Still to be filled in: address.')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Test', exact: true })).toBeDisabled();
    await dialog.getByLabel('Address').fill('http://gpu-box.local:8190/comfy/?token=1');
    await expect(dialog.getByLabel('Host')).toHaveValue('gpu-box.local');
    await expect(dialog.getByLabel('Port')).toHaveValue('8190');
    await expect(dialog.getByLabel('Path')).toHaveValue('/comfy');
    await expect(dialog.getByLabel('Name')).toHaveValue('gpu-box:8190');
    await expect(dialog.getByText('python main.py --listen 0.0.0.0 --port 8190')).toBeVisible();
    await expect(dialog.getByText('Not tested. It can be added all the same.')).toBeVisible();

    await dialog.getByRole('button', { name: 'Test', exact: true }).click();
    await expect.poll(() => held.length).toBe(1);
    const nothing = BROKEN.refused.rungs.models;
    center.emit('climb', {
      testId,
      readiness: readiness(
        { nodes: { status: 'checking' }, models: nothing, files: nothing },
        { done: false },
      ),
    });
    await expect(dialog.getByText('Testing: 2 of 5 passed').first()).toBeVisible();
    await screenshot(page, `worker-remote-climbing-${theme}`);
    held[0]?.(readiness());
    await expect(dialog.getByRole('status').getByText('All 5 rungs hold')).toBeVisible();
    await expect(dialog.getByText('94 / 101 MB/s')).toBeVisible();
    await screenshot(page, `worker-remote-green-${theme}`);
    await expectAccessible(page);

    await dialog.getByRole('button', { name: 'Add worker' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText('gpu-box:8190 added')).toBeVisible();
    const expected: RemoteDraft = {
      type: 'remote',
      name: 'gpu-box:8190',
      host: 'gpu-box.local',
      port: 8190,
      secure: false,
      path: '/comfy',
      certificate: null,
      access: { kind: 'none' },
    };
    expect(center.calls.find(({ command }) => command === 'remote.add')?.args).toEqual({ draft: expected });
    expect(center.calls.some(({ command }) => command === 'remote.stopTest')).toBe(false);
  });
}

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

for (const [name, ladder] of Object.entries(BROKEN)) {
  test(`shows what to do when the ladder breaks: ${name}`, async ({ page, fleetPage, center }) => {
    center.handlers['remote.test'] = () => ladder;
    await fleetPage.open(name === 'certificate' ? 'light' : 'dark');
    const dialog = await openTab(page, 'Remote');
    await dialog.getByLabel('Address').fill('https://gpu-box.local:8443');
    await dialog.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(dialog.getByText(/^Fails at “.*”\. It can be added all the same\.$/)).toBeVisible();
    await screenshot(page, `worker-ladder-${name}`);
    await expectAccessible(page);
  });
}

test('trusts a certificate that the person knows, and tests again with it', async ({
  page,
  fleetPage,
  center,
}) => {
  const drafts: RemoteDraft[] = [];
  center.handlers['remote.test'] = ({ draft }) => {
    drafts.push(draft);
    return draft.certificate === null ? BROKEN.certificate : readiness();
  };
  await fleetPage.open();
  const dialog = await openTab(page, 'Cloud');
  await dialog.getByLabel('Address').fill('https://gpu-box.local:8443');
  await dialog.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(dialog.getByText(CERTIFICATE.fingerprint)).toBeVisible();
  await dialog.getByRole('button', { name: 'Trust this certificate' }).click();
  await expect(dialog.getByRole('status').getByText('All 5 rungs hold')).toBeVisible();
  await expect(dialog.getByText('Its own certificate is trusted, and no other one.')).toBeVisible();
  expect(drafts.map(({ certificate }) => certificate)).toEqual([null, CERTIFICATE.pem]);
  await screenshot(page, 'worker-certificate-trusted');
  // Another server does not have it.
  await dialog.getByLabel('Host').fill('gpu-box-2.local');
  await expect(dialog.getByText('Its own certificate is trusted, and no other one.')).toBeHidden();
  await expect(dialog.getByText('Changed since the test')).toBeVisible();
});

test('a newer test and a closed dialog let go of the older one, whose late words are dropped', async ({
  page,
  fleetPage,
  center,
}) => {
  const ids: string[] = [];
  center.handlers['remote.test'] = ({ testId }) => {
    ids.push(testId);
    return new Promise<Readiness>(() => undefined);
  };
  await fleetPage.open();
  const dialog = await openTab(page, 'Remote');
  await dialog.getByLabel('Address').fill('gpu-box.local');
  await dialog.getByRole('button', { name: 'Test', exact: true }).click();
  await dialog.getByRole('button', { name: 'Stop test' }).click();
  await dialog.getByRole('button', { name: 'Test', exact: true }).click();
  await expect.poll(() => ids.length).toBe(2);
  center.emit('climb', { testId: ids[0] ?? '', readiness: BROKEN.captive });
  center.emit('climb', { testId: ids[1] ?? '', readiness: { ...BROKEN.models, done: false } });
  await expect(dialog.getByText('It has no checkpoint at all.')).toBeVisible();
  await expect(dialog.getByText('It answers with a web page, not as ComfyUI does.')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect
    .poll(() => center.calls.filter(({ command }) => command === 'remote.stopTest').map(({ args }) => args))
    .toEqual(ids.map((testId) => ({ testId })));
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
    await expectAccessible(page);
    delete center.handlers['remote.update'];
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Pod saved')).toBeVisible();
    expect(center.calls.findLast(({ command }) => command === 'remote.update')?.args).toMatchObject({
      id: 'worker-4',
      draft: { name: 'Pod', host: POD, access: { kind: 'keep' } },
    });
  });
});

for (const [name, viewport] of [
  ['small', { width: 900, height: 640 }],
  ['zoomed', { width: 450, height: 320 }],
] as const) {
  test.describe(`a window that is ${name}`, () => {
    test.use({ viewport });
    test('holds hosts that fit nowhere', async ({ page, fleetPage, center }) => {
      center.handlers['remote.test'] = () => BROKEN.certificate;
      await fleetPage.open();
      const dialog = await openTab(page, 'Cloud');
      await dialog.getByLabel('Address').fill(`https://${LONG_HOST}:65535/${'a'.repeat(60)}`);
      await dialog.getByRole('button', { name: 'Test', exact: true }).click();
      await dialog.getByRole('button', { name: 'Trust this certificate' }).scrollIntoViewIfNeeded();
      const overflow = await dialog
        .locator('.dialog-body')
        .evaluate((body) => body.scrollWidth - body.clientWidth);
      expect(overflow).toBeLessThanOrEqual(1);
      await screenshot(page, `worker-remote-${name}`);
      await expectAccessible(page);
    });
  });
}

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
  expect(center.calls.at(-1)?.command).toBe('remote.add');
});
