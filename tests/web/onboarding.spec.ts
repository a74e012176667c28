import { EnsembleError } from '../../shared/errors.ts';
import type { FleetSnapshot } from '../../shared/model.ts';
import { FLEETS } from './fixtures/fleets.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

const nothingYet = (): FleetSnapshot => ({ ...FLEETS.empty(), setup: { status: 'no-comfyui' } });
const demo = (): FleetSnapshot => ({ ...FLEETS.ready(), setup: { status: 'demo', gpus: 4 } });

test.describe('without a ComfyUI', () => {
  test.use({ scripted: { fleet: nothingYet } });
  for (const theme of ['dark', 'light'] as const) {
    test(`teaches and uses what was found, ${theme}`, async ({ page, fleetPage, center }) => {
      await fleetPage.open(theme);
      const dialog = page.getByRole('dialog', { name: 'Every GPU you have, as one ComfyUI' });
      await expect(dialog.getByText('One ComfyUI was found.')).toBeVisible();
      await expect(dialog.getByText('This folder has no main.py.')).toBeVisible();
      await screenshot(page, `onboarding-${theme}`);
      await expectAccessible(page);
      await dialog.getByRole('button', { name: 'Use /home/ada/ComfyUI' }).click();
      await expect(dialog).toBeHidden();
      expect(center.calls.findLast(({ command }) => command === 'comfyui.use')?.args).toEqual({
        root: '/home/ada/ComfyUI',
        python: '/home/ada/ComfyUI/venv/bin/python',
      });
    });
  }

  test('says what is wrong with a folder and leads to the demo', async ({ page, fleetPage, center }) => {
    center.handlers['comfyui.find'] = () => ({ found: [], rejected: [] });
    center.handlers['comfyui.check'] = () => {
      throw new EnsembleError('no-comfyui', 'This folder does not exist.', 'Check the spelling.');
    };
    center.handlers['demo.start'] = () => {
      center.setFleet(demo());
      return null;
    };
    await fleetPage.open();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('No usable ComfyUI was found in the usual places.')).toBeVisible();
    await dialog.getByLabel('Another folder').fill('/nowhere');
    await dialog.getByLabel('Another folder').press('Enter');
    await expect(dialog.getByText('This folder does not exist.')).toBeVisible();
    await screenshot(page, 'onboarding-wrong-folder');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Explore the demo fleet' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText('Demo fleet (simulated)').first()).toBeVisible();
  });
});

test.describe('in the demo', () => {
  test.use({ scripted: { fleet: demo }, viewport: { width: 450, height: 320 } });
  test('opens from the banner, fits 200 % zoom and closes with Escape', async ({ page, fleetPage }) => {
    await fleetPage.open();
    await page.getByRole('button', { name: 'Set up real ComfyUI' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Go on exploring the demo' })).toBeVisible();
    await screenshot(page, 'onboarding-zoomed');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });
});
