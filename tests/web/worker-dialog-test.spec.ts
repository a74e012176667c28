import { EnsembleError } from '../../shared/errors.ts';
import type { Readiness, RemoteDraft } from '../../shared/remote.ts';
import { BROKEN, CERTIFICATE, LONG_HOST } from './fixtures/remote-fleets.ts';
import { readiness } from './fixtures/remote-replies.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';
import { openTab } from './pages/worker-dialog-page.ts';

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

test('adds the other GPUs of a machine, port by port', async ({ page, fleetPage, center }) => {
  const port = {
    status: 'comfyui',
    version: '0.33.0',
    vramTotal: 24 * 2 ** 30,
    reason: null,
    known: false,
  } as const;
  center.handlers['remote.scan'] = ({ host, ports }) => {
    if (ports === 'all') throw new EnsembleError('bad-argument', 'Write ports as 8188-8191,8200.');
    expect({ host, ports }).toEqual({ host: '192.168.1.20', ports: '8188-8192' });
    return [
      { ...port, port: 8188, gpu: 'NVIDIA GeForce RTX 4090' },
      { ...port, port: 8189, gpu: 'NVIDIA GeForce RTX 3090' },
      { ...port, port: 8190, gpu: 'NVIDIA RTX A6000', known: true },
      { ...port, port: 8191, status: 'closed', gpu: null },
      { ...port, port: 8192, gpu: 'NVIDIA GeForce RTX 3060' },
    ];
  };
  center.handlers['remote.add'] = ({ draft }) => {
    if (draft.port === 8192) throw new EnsembleError('conflict', 'It has just gone.');
    return { id: `worker-${draft.port}` };
  };
  await fleetPage.open();
  const dialog = await openTab(page, 'Remote');
  await dialog.getByLabel('Address').fill('192.168.1.20');
  await expect(dialog.getByLabel('More ports')).toBeHidden();
  await dialog.getByRole('button', { name: 'Test', exact: true }).click();
  await dialog.getByLabel('More ports').fill('all');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Write ports as 8188-8191,8200.')).toBeVisible();
  await dialog.getByLabel('More ports').fill('8188-8192');
  await dialog.getByRole('button', { name: 'Look' }).click();
  await expect(dialog.getByText('ComfyUI 0.33.0, NVIDIA GeForce RTX 3090, 24 GB')).toBeVisible();
  await expect(dialog.getByText('In the fleet already.')).toBeVisible();
  await expect(dialog.getByRole('checkbox', { name: '8191' })).toBeDisabled();
  await screenshot(page, 'worker-more-ports');
  await expectAccessible(page);
  await dialog.getByRole('checkbox', { name: '8189' }).uncheck();
  await expect(dialog.getByRole('button', { name: 'Add 2 workers' })).toBeVisible();
  await dialog.getByRole('checkbox', { name: '8189' }).check();
  await dialog.getByRole('button', { name: 'Add 3 workers' }).click();
  await expect(page.getByText('2 workers added')).toBeVisible();
  await expect(page.getByText('192.168.1.20:8192: It has just gone.')).toBeVisible();
  const added = center.calls.filter(({ command }) => command === 'remote.add');
  expect(added.map(({ args }) => (args as { draft: RemoteDraft }).draft.name)).toEqual([
    '192.168.1.20',
    '192.168.1.20:8189',
    '192.168.1.20:8192',
  ]);
});

test('adds the workers that the plugin there knows', async ({ page, fleetPage, center }) => {
  center.handlers['remote.pluginWorkers'] = ({ host, port }) => {
    if (port === 8189) throw new EnsembleError('not-found', 'There is no ComfyUI-Distributed there.');
    const place = { port: 8190, secure: false, path: '', known: false };
    return [
      { ...place, name: 'Second GPU', host },
      { ...place, name: 'Third GPU', host, port: 8191, known: true },
      { ...place, name: 'Pod', host: 'pod.example.com', port: 443, secure: true },
    ];
  };
  await fleetPage.open();
  const dialog = await openTab(page, 'Remote');
  const ask = dialog.getByRole('button', { name: /Ask ComfyUI-Distributed there/ });
  await dialog.getByLabel('Address').fill('192.168.1.20:8189');
  await dialog.getByRole('button', { name: 'Test', exact: true }).click();
  await ask.click();
  await expect(dialog.getByText('There is no ComfyUI-Distributed there.')).toBeVisible();
  await dialog.getByLabel('Address').fill('192.168.1.20');
  await dialog.getByRole('button', { name: 'Test', exact: true }).click();
  await ask.click();
  await expect(dialog.getByRole('checkbox', { name: 'pod.example.com' })).toBeChecked();
  await screenshot(page, 'worker-plugin-list');
  await dialog.getByRole('button', { name: 'Add 3 workers' }).click();
  await expect(page.getByText('3 workers added')).toBeVisible();
  const added = center.calls.filter(({ command }) => command === 'remote.add');
  expect(added.map(({ args }) => (args as { draft: RemoteDraft }).draft)).toMatchObject([
    { type: 'remote', name: '192.168.1.20' },
    { type: 'remote', name: 'Second GPU', port: 8190 },
    { type: 'cloud', name: 'Pod', secure: true },
  ]);
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
