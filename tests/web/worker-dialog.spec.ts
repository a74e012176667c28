import { EnsembleError } from '../../shared/errors.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

for (const theme of ['dark', 'light'] as const) {
  test(`adds a worker with every problem beside its field, ${theme}`, async ({ page, fleetPage, center }) => {
    await fleetPage.open(theme);
    await page
      .getByRole('button', { name: /Add worker/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog', { name: 'Add a worker' });
    await expect(dialog.getByLabel('Name')).toHaveValue('Worker 4');
    await expect(dialog.getByText('CUDA_VISIBLE_DEVICES')).toBeVisible();
    await expect(dialog.getByRole('option', { name: /GPU 0: .*used by Master/ })).toBeAttached();
    await screenshot(page, `worker-add-${theme}`);
    await dialog.getByLabel('Port').fill('8188');
    await expect(dialog.getByText('Port 8188 belongs to the master.')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Add worker' })).toBeDisabled();
    await dialog.getByLabel('CUDA device').selectOption('by-hand');
    await expect(dialog.getByText('Enter an index such as 1')).toBeVisible();
    await screenshot(page, `worker-problems-${theme}`);
    await expectAccessible(page);
    await dialog.getByLabel('Device', { exact: true }).fill('2');
    await dialog.getByLabel('Port').fill('8192');
    await dialog.getByRole('button', { name: 'Add worker' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText('Worker 4 added')).toBeVisible();
    const added = center.calls.find(({ command }) => command === 'worker.add');
    expect(added?.args).toEqual({ draft: { name: 'Worker 4', port: 8192, device: '2', extraArgs: '' } });
    await page.getByRole('button', { name: 'Launch', exact: true }).last().click();
    await expect
      .poll(() => center.calls.at(-1))
      .toEqual({ command: 'instance.start', args: { id: 'worker-new' } });
  });
}

test('drops the answer to an older draft', async ({ page, fleetPage, center }) => {
  const held: (() => void)[] = [];
  center.handlers['worker.check'] = async ({ draft }) => {
    if (draft.port === 9001) await new Promise<void>((resolve) => held.push(resolve));
    return { problems: [], command: ['python', `--port=${draft.port}`], environment: {} };
  };
  await fleetPage.open();
  await page
    .getByRole('button', { name: /Add worker/ })
    .first()
    .click();
  const port = page.getByLabel('Port');
  await port.fill('9001');
  await expect.poll(() => held.length).toBe(1);
  await port.fill('9002');
  await expect(page.getByText('python --port=9002')).toBeVisible();
  const late = page.waitForResponse((response) => response.request().postData()?.includes('9001') ?? false);
  held[0]?.();
  await late;
  await expect(page.getByText('python --port=9002')).toBeVisible();
  await expect(page.getByText('python --port=9001')).toHaveCount(0);
});

test('edits a running worker and restarts it when asked; a refusal keeps the dialog', async ({
  page,
  fleetPage,
  center,
}) => {
  center.handlers['worker.update'] = () => {
    throw new EnsembleError('conflict', 'Port 8190 is taken.', 'Choose another port.', [
      { field: 'port', message: 'Port 8190 is taken by Worker 2.' },
    ]);
  };
  await fleetPage.open();
  const menu = await fleetPage.openMenu('Worker 1');
  await menu.getByRole('menuitem', { name: /Edit/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit Worker 1' });
  await dialog.getByLabel('Name').fill('Studio GPU');
  await dialog.getByLabel('Restart now').check();
  await expect(dialog.getByText('What it is working on is lost.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('Port 8190 is taken by Worker 2.')).toBeVisible();
  await expect(dialog.getByText('Choose another port.')).toBeVisible();
  await screenshot(page, 'worker-edit-refused');
  await expectAccessible(page);
  delete center.handlers['worker.update'];
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Studio GPU saved, restarting')).toBeVisible();
  const update = center.calls.findLast(({ command }) => command === 'worker.update');
  expect(update?.args).toMatchObject({
    id: 'worker-1',
    restart: true,
    draft: { name: 'Studio GPU', port: 8189 },
  });
});
