import { FLEETS } from './fixtures/fleets.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

test('walks the fleet by keyboard alone', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  const master = fleetPage.card('Master');
  while (!(await master.evaluate((card) => card === document.activeElement))) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('ArrowDown');
  await expect(fleetPage.card('Worker 1')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(fleetPage.card('Worker 2')).toBeFocused();
  await page.keyboard.press('t');
  await expect
    .poll(() => center.calls.at(-1))
    .toEqual({
      command: 'instance.testPicture',
      args: { id: 'worker-2' },
    });
  await page.keyboard.press('Space');
  await expect(page.getByRole('checkbox', { name: 'Worker 2 takes part in runs' })).not.toBeChecked();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menu')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toBeHidden();
});

test('goes everywhere by number and explains its keys', async ({ fleetPage, page }) => {
  await fleetPage.open();
  await page.keyboard.press('Alt+6');
  await expect(page.getByRole('button', { name: 'Settings', exact: true })).toHaveAttribute(
    'aria-current',
    'page',
  );
  await page.keyboard.press('Alt+1');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await expectAccessible(page);
  await screenshot(page, 'shortcuts');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('reaches every action through the palette', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await expect(palette).toBeVisible();
  await expectAccessible(page);
  await screenshot(page, 'palette');
  await page.keyboard.type('restart worker 3');
  await expect(palette.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
  await expect
    .poll(() => center.calls.at(-1))
    .toEqual({
      command: 'instance.restart',
      args: { id: 'worker-3' },
    });
});

test.describe('with 200 instances', () => {
  test.use({ scripted: { fleet: FLEETS.many(199) } });

  test('keeps few rows in the page and reaches the last by keyboard', async ({ fleetPage, page }) => {
    await fleetPage.open();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    await fleetPage.row('Worker 1').focus();
    await page.keyboard.press('ArrowDown');
    await expect(fleetPage.row('Worker 2')).toBeFocused();
    await page.keyboard.press('End');
    await expect(fleetPage.row('Worker 199')).toBeFocused();
    await screenshot(page, 'many-200-end');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menu')).toBeVisible();
  });
});
