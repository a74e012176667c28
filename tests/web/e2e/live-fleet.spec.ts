import { expectAccessible, screenshot } from '../fixtures/test.ts';
import { expect, test } from './live-test.ts';

// The tests of this file share one host, and the real thing takes its time on a loaded machine.
test.describe.configure({ mode: 'default', timeout: 120_000 });
const slow = { timeout: 60_000 };

test('the first screen is alive', async ({ live, page }) => {
  await expect(page.getByText('Demo fleet (simulated)')).toBeVisible();
  for (const name of ['Master', 'Worker 1', 'Worker 2', 'Worker 3']) {
    await expect(live.card(name)).toHaveAccessibleName(`${name}, Ready`, slow);
  }
  await expect(page.getByText('4 of 4 ready')).toBeVisible();
  await expect(live.card('Worker 1').getByRole('meter', { name: 'VRAM' })).toHaveAttribute(
    'aria-valuetext',
    /\/ \d+ GB/,
  );
  await expect(page.locator('.sparkline-line').first()).toBeAttached();
  await screenshot(page, 'live-ready');
  await expectAccessible(page);
});

test('stops, launches and restarts a worker from its card', async ({ live, page, host }) => {
  const card = live.card('Worker 1');
  const first = await host.pidOf('Worker 1');
  await card.getByRole('button', { name: 'Stop' }).click();
  await expect(card).toHaveAccessibleName('Worker 1, Stopped', slow);
  await expect(page.getByText('3 of 4 ready')).toBeVisible();
  await card.getByRole('button', { name: 'Launch' }).click();
  await expect(card).toHaveAccessibleName('Worker 1, Ready', slow);
  const second = await host.pidOf('Worker 1');
  expect(second).not.toBe(first);
  await card.getByRole('button', { name: 'Restart' }).click();
  await expect.poll(() => host.pidOf('Worker 1').catch(() => second), slow).not.toBe(second);
  await expect(card).toHaveAccessibleName('Worker 1, Ready', slow);
});

test('makes a test picture, with progress, live preview and result', async ({ live, page }) => {
  const card = live.card('Worker 2');
  // What comes and goes is recorded as it comes.
  await card.evaluate((element) => {
    const seen = new Set<string>();
    (window as unknown as { seen: Set<string> }).seen = seen;
    const look = (): void => {
      if (element.querySelector('[role="progressbar"]')) seen.add('progress');
      if (element.querySelector('.card-thumbnail-live')) seen.add('preview');
    };
    new MutationObserver(look).observe(element, { subtree: true, childList: true });
  });
  await card.getByRole('button', { name: 'Queue a test picture' }).click();
  const result = card.getByRole('button', { name: 'Test picture of Worker 2: show it large' });
  await expect(result).toBeVisible(slow);
  const seen = await page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen]);
  expect(seen.sort()).toEqual(['preview', 'progress']);
  await result.click();
  const dialog = page.getByRole('dialog', { name: 'Test picture · Worker 2' });
  const image = dialog.getByRole('img', { name: 'Made by Worker 2' });
  await expect(image).toBeVisible();
  await expect
    .poll(() => image.evaluate((element) => (element as HTMLImageElement).naturalWidth))
    .toBeGreaterThan(0);
  await expect(dialog.getByText('Done')).toBeVisible();
  await screenshot(page, 'live-picture');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('brings a worker back that something killed, and says so', async ({ live, page, host }) => {
  const card = live.card('Worker 3');
  await card.evaluate((element) => {
    const names: string[] = [];
    (window as unknown as { names: string[] }).names = names;
    new MutationObserver(() => names.push(element.getAttribute('aria-label') ?? '')).observe(element, {
      attributeFilter: ['aria-label'],
    });
  });
  const pid = await host.pidOf('Worker 3');
  process.kill(pid, 'SIGKILL');
  await expect(page.getByText('Worker 3 is back', { exact: true }).first()).toBeVisible(slow);
  await expect(card).toHaveAccessibleName('Worker 3, Ready', slow);
  const names = await page.evaluate(() => (window as unknown as { names: string[] }).names);
  expect(names.some((name) => /^Worker 3, Restarting in \d+ s \(attempt \d+\)$/.test(name))).toBe(true);
  expect(await host.pidOf('Worker 3')).not.toBe(pid);
  await page.getByRole('button', { name: /^Notifications/ }).click();
  const panel = page.getByRole('region', { name: 'Notifications', exact: true });
  await expect(panel.getByText('Worker 3 stopped by itself and is being restarted').first()).toBeVisible();
  await screenshot(page, 'live-notices');
  await expectAccessible(page);
});

test('says in which mode the master is, in the words users know', async ({ live, page }) => {
  const master = live.card('Master');
  await expect(master.getByText('Master participating in workflows')).toBeVisible();
  await page.getByRole('radio', { name: 'Orchestrator only' }).click();
  await expect(master.getByText('Master disabled: running as orchestrator only')).toBeVisible();
  for (const name of ['Worker 1', 'Worker 2', 'Worker 3']) {
    await live.card(name).getByRole('button', { name: 'Stop' }).click();
  }
  await expect(master.getByText('Master fallback execution active')).toBeVisible(slow);
  await expect(
    master.getByText('No usable worker is selected: the master renders so that your workflow still runs'),
  ).toBeVisible();
  await screenshot(page, 'live-fallback');
  await expectAccessible(page);
  await live.card('Worker 2').getByRole('button', { name: 'Launch' }).click();
  await expect(master.getByText('Master disabled: running as orchestrator only')).toBeVisible(slow);
});

test('adds, edits, deletes and restores a worker', async ({ live, page, host }) => {
  await page
    .getByRole('button', { name: /Add worker/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Add a worker' });
  await expect(dialog.getByLabel('Name')).toHaveValue('Worker 4');
  const port = dialog.getByLabel('Port');
  const free = await port.inputValue();
  await port.fill(String((await host.instance('Worker 1')).port));
  await expect(dialog.getByText(/^Port \d+ .*Worker 1/)).toBeVisible(slow);
  await expect(dialog.getByRole('button', { name: 'Add worker' })).toBeDisabled();
  await port.fill(free);
  await dialog.getByLabel('Extra arguments').fill('--lowvran');
  await expect(dialog.getByText('Did you mean --lowvram?')).toBeVisible(slow);
  await screenshot(page, 'live-add-problems');
  await expectAccessible(page);
  await dialog.getByLabel('Extra arguments').fill('--lowvram');
  await expect(dialog.getByText('Did you mean --lowvram?')).toBeHidden(slow);
  await dialog.getByRole('button', { name: 'Add worker' }).click();
  await expect(live.card('Worker 4')).toHaveAccessibleName(/^Worker 4, /);

  await (await live.openMenu('Worker 4')).getByRole('menuitem', { name: /Edit/ }).click();
  const edit = page.getByRole('dialog', { name: 'Edit Worker 4' });
  await edit.getByLabel('Name').fill('Night shift');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(live.card('Night shift')).toBeVisible();

  await (await live.openMenu('Night shift')).getByRole('menuitem', { name: 'Delete…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete worker' }).click();
  await expect(live.card('Night shift')).toBeHidden(slow);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(live.card('Night shift')).toBeVisible();
  const restored = await host.instance('Night shift');
  expect(restored.extraArgs).toBe('--lowvram');
  await host.invoke('worker.remove', { id: restored.id });
  await expect(live.card('Night shift')).toBeHidden(slow);
});

test('follows a real log', async ({ live, page, host }) => {
  await live.card('Worker 1').getByRole('button', { name: 'Show log' }).click();
  const log = page.getByRole('log');
  await expect(log.getByText(/To see the GUI go to/).last()).toBeVisible(slow);
  await host.invoke('instance.testPicture', { id: (await host.instance('Worker 1')).id });
  await expect(log.getByText(/Prompt executed in/).last()).toBeVisible(slow);
  await screenshot(page, 'live-log');
  await expectAccessible(page);
});

test('acts through the command palette', async ({ live, page }) => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('stop worker 2');
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(live.card('Worker 2')).toHaveAccessibleName('Worker 2, Stopped', slow);
});
