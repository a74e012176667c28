import type { Notice } from '../../shared/model.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

const notice = (id: number, change: Partial<Notice> = {}): Notice => ({
  id,
  at: Date.now() - (100 - id) * 60_000,
  level: 'info',
  title: `Event ${id}`,
  detail: null,
  instanceId: null,
  ...change,
});
const HISTORY: Notice[] = [
  notice(1, { title: 'Fleet made: 1 master, 3 workers' }),
  notice(2, { level: 'success', title: 'Worker 1 is ready', instanceId: 'worker-1' }),
  notice(3, {
    level: 'warning',
    title: 'Worker 2 restarts',
    detail: 'Something killed it (SIGKILL).',
    instanceId: 'worker-2',
  }),
];

for (const theme of ['dark', 'light'] as const) {
  test(`history, unread count and toasts, ${theme}`, async ({ page, fleetPage, center }) => {
    center.notices = HISTORY;
    await fleetPage.open(theme);
    await expect(page.getByRole('button', { name: 'Notifications', exact: true })).toBeVisible();
    center.emit(
      'notice',
      notice(101, {
        level: 'error',
        title: 'Worker 3 failed',
        detail: 'Ran out of GPU memory while loading a model.',
        instanceId: 'worker-3',
      }),
    );
    await expect(page.getByRole('alert').getByText('Worker 3 failed')).toBeVisible();
    const bell = page.getByRole('button', { name: 'Notifications (1 unread)' });
    await screenshot(page, `toast-${theme}`);
    await expectAccessible(page);
    await bell.click();
    const panel = page.getByRole('region', { name: 'Notifications', exact: true });
    await expect(panel.getByRole('listitem')).toHaveCount(4);
    await expect(panel.getByRole('listitem').first()).toContainText('Worker 3 failed');
    await expect(page.getByRole('button', { name: 'Notifications', exact: true })).toBeVisible();
    await screenshot(page, `notifications-${theme}`);
    await expectAccessible(page);
    await panel.getByRole('button', { name: 'Log of Worker 3' }).click();
    await expect(page.getByRole('region', { name: 'Log of Worker 3' })).toBeVisible();
    await expect(panel).toBeHidden();
  });
}

test('a toast goes by itself, but not while the pointer is on it', async ({ page, fleetPage, center }) => {
  await page.clock.install();
  await fleetPage.open();
  await page.waitForFunction(() => document.querySelector('.card') !== null);
  center.emit('notice', notice(101, { level: 'success', title: 'All is ready' }));
  const toast = page.getByText('All is ready');
  await expect(toast).toBeVisible();
  await toast.hover();
  await page.clock.runFor(60_000);
  await expect(toast).toBeVisible();
  await page.mouse.move(5, 5);
  await page.clock.runFor(5000);
  await expect(toast).toBeHidden();
});

test('can be cleared, and closed with Escape', async ({ page, fleetPage, center }) => {
  center.notices = HISTORY;
  await fleetPage.open();
  await page.getByRole('button', { name: 'Notifications', exact: true }).click();
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect(page.getByText('Nothing to report')).toBeVisible();
  expect(center.notices).toEqual([]);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByText('Nothing to report')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Notifications', exact: true })).toBeFocused();
});

test('a toast is seen and can be used over an open dialog, and stays when that closes', async ({
  page,
  fleetPage,
  center,
}) => {
  await fleetPage.open();
  await page
    .getByRole('button', { name: /Add worker/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Add a worker' });
  await expect(dialog.getByLabel('Name')).toHaveValue('Worker 4');
  center.emit('notice', notice(101, { level: 'success', title: 'All is ready' }));
  center.emit('notice', notice(102, { level: 'error', title: 'Worker 3 failed', instanceId: 'worker-3' }));
  await expect(page.getByRole('status').getByText('All is ready')).toBeVisible();
  await screenshot(page, 'toast-over-dialog');
  await expectAccessible(page);
  await page.locator('.toast-success').getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByText('All is ready')).toBeHidden();
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('alert').getByText('Worker 3 failed')).toBeVisible();
  await page.getByRole('button', { name: 'Show log' }).last().click();
  await expect(page.getByRole('region', { name: 'Log of Worker 3' })).toBeVisible();
});
