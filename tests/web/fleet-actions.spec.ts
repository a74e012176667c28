import { FLEETS } from './fixtures/fleets.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

test('launches, stops and tests with the buttons of a card', async ({ fleetPage, center }) => {
  await fleetPage.open();
  const card = fleetPage.card('Worker 1');
  await card.getByRole('button', { name: 'Queue a test picture' }).click();
  await card.getByRole('button', { name: 'Free VRAM' }).click();
  await card.getByRole('button', { name: 'Stop' }).click();
  await expect(card).toHaveAccessibleName('Worker 1, Stopped');
  await card.getByRole('button', { name: 'Launch' }).click();
  await expect
    .poll(() => center.calls.map((call) => call.command))
    .toEqual(['instance.testPicture', 'instance.freeMemory', 'instance.stop', 'instance.start']);
  expect(center.calls.every((call) => JSON.stringify(call.args) === '{"id":"worker-1"}')).toBe(true);
});

test('says why a command was refused', async ({ fleetPage, center, page }) => {
  center.handlers['instance.stop'] = () => {
    throw new Error('the pipe broke');
  };
  await fleetPage.open();
  await fleetPage.card('Master').getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('Something unexpected happened: the pipe broke')).toBeVisible();
});

test('deletes after asking, and undoes it', async ({ fleetPage, page }) => {
  await fleetPage.open();
  const menu = await fleetPage.openMenu('Worker 2');
  await expectAccessible(page);
  await screenshot(page, 'menu');
  await menu.getByRole('menuitem', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Worker 2?' });
  await expect(dialog).toContainText('Its server is stopped');
  await expectAccessible(page);
  await screenshot(page, 'confirm-delete');
  await dialog.getByRole('button', { name: 'Delete worker' }).click();
  await expect(fleetPage.card('Worker 2')).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(fleetPage.card('Worker 2')).toBeVisible();
});

test('switches the mode and says so in the words users know', async ({ fleetPage, page }) => {
  await fleetPage.open();
  await expect(page.getByText('Master participating in workflows')).toBeVisible();
  await page.getByRole('radio', { name: 'Orchestrator only' }).click();
  await expect(page.getByText('Master disabled: running as orchestrator only')).toBeVisible();
  await expect(page.getByRole('checkbox', { name: 'Master takes part in runs' })).not.toBeChecked();
});

test('selects workers for runs', async ({ fleetPage, page }) => {
  await fleetPage.open();
  const box = page.getByRole('checkbox', { name: 'Worker 1 takes part in runs' });
  await expect(box).toBeChecked();
  await box.click();
  await expect(box).not.toBeChecked();
});

test('asks before all servers stop', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  await page.getByRole('button', { name: 'Stop all' }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop all servers?' });
  await dialog.getByRole('button', { name: 'Stop all' }).click();
  await expect.poll(() => center.calls).toEqual([{ command: 'fleet.stopAll', args: {} }]);
});

test.describe('with work going on', () => {
  test.use({ scripted: { fleet: FLEETS.busy } });

  test('shows the test picture large, with what is known about it', async ({ fleetPage, page }) => {
    await fleetPage.open();
    await page.getByRole('button', { name: 'Test picture of Worker 3: show it large' }).click();
    const dialog = page.getByRole('dialog', { name: 'Test picture · Worker 3' });
    await expect(dialog).toContainText('4.2 s');
    await expect(dialog.getByRole('img', { name: 'Made by Worker 3' })).toBeVisible();
    await expectAccessible(page);
    await screenshot(page, 'picture');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });

  test('follows progress and preview as they come', async ({ fleetPage, page, center }) => {
    await fleetPage.open();
    const card = fleetPage.card('Worker 1');
    await expect(card).toContainText('step 7 of 20');
    center.change('worker-1', {
      preview: 8,
      activity: { promptId: 'p', node: '3', nodeTitle: 'KSampler', step: 8, steps: 20, ours: true },
    });
    await expect(card).toContainText('step 8 of 20');
    await expect(card.locator('img')).toHaveAttribute('src', /\/files\/previews\/worker-1\?n=8$/);
    await expect(page.getByRole('progressbar', { name: 'Worker 1: KSampler' })).toHaveAttribute(
      'aria-valuenow',
      '40',
    );
  });
});

test.describe('with failures', () => {
  test.use({ scripted: { fleet: FLEETS.failing } });

  test('tells cause, last lines and the one action that helps', async ({ fleetPage, page, center }) => {
    await fleetPage.open();
    const card = fleetPage.card('Worker 1');
    await expect(card).toContainText('Ran out of GPU memory while loading a model');
    await expect(card).toContainText('torch.OutOfMemoryError');
    await card.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => center.calls.at(-1)?.command).toBe('instance.start');
    await expect(fleetPage.card('Worker 4').getByRole('button', { name: 'Edit settings…' })).toBeVisible();
    await expect(page.getByText('not on the one it was given')).toBeVisible();
    const silent = fleetPage.card('Master').getByRole('button', { name: 'Restart' });
    await expect(silent).toHaveText('Restart');
    await silent.click();
    await expect.poll(() => center.calls.at(-1)?.command).toBe('instance.restart');
  });

  test('counts the seconds to the next attempt', async ({ fleetPage }) => {
    await fleetPage.open();
    const state = fleetPage.card('Worker 2').locator('.state');
    const first = await state.textContent();
    expect(first).toMatch(/Restarting in \d+ s \(attempt 2\)/);
    await expect(state).not.toHaveText(first ?? '');
  });
});

test.describe('without a session', () => {
  // The browser itself reports every refused request.
  test.use({ tolerated: [/401|Authentication/] });

  test('a refused session says how to come back', async ({ fleetPage, page, center }) => {
    center.signedOut = true;
    await page.goto(fleetPage.url);
    await expect(page.getByRole('heading', { name: 'This page is signed out' })).toBeVisible();
    await expect(page.getByText('ensemble open')).toBeVisible();
    await screenshot(page, 'signed-out');
    await expectAccessible(page);
  });
});
