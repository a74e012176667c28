import type { Page } from '@playwright/test';
import { EnsembleError } from '../../shared/errors.ts';
import type { FakeControlCenter } from './fake-control-center.ts';
import { gradientPng } from './fixtures/png.ts';
import { PLAN, seedOf } from './fixtures/runs.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

const WORKFLOW = '{"3":{"class_type":"KSampler","inputs":{"seed":9007199254741000}}}';
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Run workflow' });
const lastPlan = (center: FakeControlCenter) =>
  center.calls.filter(({ command }) => command === 'runs.plan').at(-1)?.args;

async function pick(page: Page, content: string | Buffer = WORKFLOW, name = 'portrait.json'): Promise<void> {
  await dialog(page)
    .getByLabel('Workflow file from this computer')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) });
}

/** A file dropped on the middle of the window, as the browser reports it. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    ([fileName, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content ?? ''], fileName ?? '', { type: 'application/json' }));
      return transfer;
    },
    [name, text] as const,
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

for (const theme of ['dark', 'light'] as const) {
  test(`shows what will happen before it happens, ${theme}`, async ({ fleetPage, page, center }) => {
    await fleetPage.open(theme);
    await page.getByRole('button', { name: 'Run workflow…' }).click();
    await expect(dialog(page)).toContainText('Choose a workflow first.');
    await screenshot(page, `run-dialog-empty-${theme}`);
    await expectAccessible(page);
    await pick(page);
    const plan = page.getByRole('region', { name: 'What will happen' });
    await expect(plan).toContainText('3 shards on 3 participants');
    await expect(plan).toContainText('Upscale Image → Save Image');
    await expect(plan).toContainText('sketch.png');
    await expect(plan.getByRole('cell', { name: seedOf(2) })).toBeVisible();
    await expect(dialog(page)).toContainText('Has no model dreamshaper_8.safetensors');
    expect(lastPlan(center)).toMatchObject({ workflow: WORKFLOW });
    await screenshot(page, `run-dialog-plan-${theme}`);
    await expectAccessible(page);
  });
}

test('runs it: shown in Runs, with a way back, and remembered', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  await page.keyboard.press('Control+Enter');
  await pick(page);
  await expect(dialog(page).getByLabel('Name of the run')).toHaveValue('portrait');
  await expect(dialog(page).getByRole('button', { name: 'Run 3 shards' })).toBeEnabled();
  // Wherever the focus is.
  await dialog(page).getByRole('button', { name: 'Close' }).focus();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('region', { name: 'Run portrait' })).toBeVisible();
  await expect(page.getByRole('status').getByText('portrait is in the queue')).toBeVisible();
  expect(center.calls.find(({ command }) => command === 'runs.submit')?.args).toEqual({
    name: 'portrait',
    workflow: WORKFLOW,
    options: { copies: null, splitBatch: false, mode: 'auto', on: null, set: [], front: false },
  });
  await page.keyboard.press('Alt+1');
  await page.getByRole('button', { name: 'Open run', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Run portrait' })).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await expect(dialog(page).getByLabel('Name of the run')).toHaveValue('portrait');
});

test('asks again with every choice, seeds exact', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  await page.keyboard.press('Control+Enter');
  await pick(page);
  const form = dialog(page);
  await form.getByLabel('KSampler · seed').fill('18446744073709551615');
  await form.getByLabel('Copies').fill('8');
  await form.getByRole('checkbox', { name: 'Split the batch over the participants' }).check();
  await form.getByRole('checkbox', { name: 'At the front of the queue' }).check();
  await form.getByRole('radio', { name: 'Orchestrator only' }).check({ force: true });
  await form.getByRole('checkbox', { name: 'Worker 3' }).uncheck();
  await form.getByRole('button', { name: 'Set an input' }).click();
  await form.getByLabel('Node of input 1').fill('3');
  await form.getByLabel('Input of input 1').fill('steps');
  await form.getByLabel('Value of input 1').fill('30');
  await expect
    .poll(() => lastPlan(center))
    .toMatchObject({
      options: {
        copies: 8,
        splitBatch: true,
        front: true,
        mode: 'orchestrator',
        // An orchestrating master is not among those who take part.
        on: ['worker-1', 'worker-2'],
        set: [
          { node: '3', input: 'steps', value: '30' },
          { node: '3', input: 'seed', value: '18446744073709551615' },
        ],
      },
    });
  await expectAccessible(page);
  await form.getByLabel('Copies').fill('none');
  await expect(form.getByText('A whole number from 1 to 100,000')).toBeVisible();
  await expect(form).toContainText('Mend the fields that are marked first.');
  await expect(form.getByRole('button', { name: /^Run/ })).toBeDisabled();
});

test('an answer to an older question is not shown', async ({ fleetPage, page, center }) => {
  const late: (() => void)[] = [];
  center.handlers['runs.plan'] = async ({ options }) => {
    if (options.copies === 2) await new Promise<void>((resolve) => late.push(resolve));
    return { ...PLAN, shardCount: options.copies ?? 3 };
  };
  await fleetPage.open();
  await page.keyboard.press('Control+Enter');
  await pick(page);
  await expect(dialog(page).getByRole('button', { name: 'Run 3 shards' })).toBeEnabled();
  await dialog(page).getByLabel('Copies').fill('2');
  await expect.poll(() => late.length).toBe(1);
  await dialog(page).getByLabel('Copies').fill('5');
  await expect(dialog(page).getByRole('button', { name: 'Run 5 shards' })).toBeEnabled();
  for (const release of late) release();
  await expect(dialog(page).getByRole('button', { name: 'Run 5 shards' })).toBeEnabled();
});

test('says why it cannot run: problems, missing inputs, a refusal', async ({ fleetPage, page, center }) => {
  center.work.plan = {
    ...PLAN,
    problems: ['Node 10 loads sketch.png, which is not on the master.'],
    inputs: [{ nodeId: '10', name: 'sketch.png', bytes: null, missing: true }],
  };
  await fleetPage.open();
  await page.keyboard.press('Control+Enter');
  await pick(page);
  await expect(dialog(page)).toContainText('Missing (node 10)');
  await expect(dialog(page).locator('.run-reason')).toHaveText(
    'Node 10 loads sketch.png, which is not on the master.',
  );
  await expect(dialog(page).getByRole('button', { name: 'Run 3 shards' })).toBeDisabled();
  await expectAccessible(page);
  center.handlers['runs.plan'] = () => {
    throw new EnsembleError(
      'bad-argument',
      'Node 4 is of class Dream, which no instance has.',
      'Install it.',
    );
  };
  await dialog(page).getByLabel('Copies').fill('2');
  await expect(dialog(page).locator('.plan')).toContainText('Install it.');
  await expect(dialog(page).getByRole('button', { name: 'Run' })).toBeDisabled();
  await expectAccessible(page);
});

test('reads what is dropped on the window, pasted, or wrong, in words', async ({
  fleetPage,
  page,
  center,
}) => {
  await fleetPage.open();
  await drop(page, 'dropped.json', WORKFLOW);
  await expect(dialog(page).getByLabel('Name of the run')).toHaveValue('dropped');
  await drop(page, 'broken.json', '{"a":1,\n  "b" 2}');
  await expect(dialog(page).locator('.workflow-problem')).toHaveText(
    'broken.json is not valid JSON: line 2, column 7.',
  );
  await expectAccessible(page);
  await dialog(page).getByRole('button', { name: 'Paste text' }).click();
  await dialog(page).getByLabel('Workflow as JSON text').fill(WORKFLOW);
  await dialog(page).getByRole('button', { name: 'Read it' }).click();
  await expect(dialog(page).getByLabel('Name of the run')).toHaveValue('Pasted workflow');
  await expect.poll(() => lastPlan(center)).toMatchObject({ workflow: WORKFLOW });
});

test('takes a picture that ComfyUI made for the workflow in it', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  await page.keyboard.press('Control+Enter');
  await expect(dialog(page)).toContainText('or a picture that it made');
  await pick(page, gradientPng(64, 1), 'bare.png');
  await expect(dialog(page).locator('.workflow-problem')).toHaveText(
    'bare.png is a picture without a workflow: only PNG and WebP files as ComfyUI saved them have one in them.',
  );
  await expect(dialog(page).getByRole('button', { name: 'Run', exact: true })).toBeDisabled();
  await screenshot(page, 'run-dialog-bare-picture');
  await expectAccessible(page);
  await pick(page, gradientPng(64, 1, [{ key: 'prompt', text: WORKFLOW, packed: true }]), 'cat_00001_.png');
  await expect(dialog(page).getByLabel('Name of the run')).toHaveValue('cat_00001_');
  await expect.poll(() => lastPlan(center)).toMatchObject({ workflow: WORKFLOW });
  await expect(dialog(page).getByRole('button', { name: 'Run 3 shards' })).toBeEnabled();
  // The page's own workflow goes before the prompt that ran.
  const drawn = '{"nodes":[{"id":1},{"id":2}],"links":[]}';
  const both = [
    { key: 'prompt', text: WORKFLOW },
    { key: 'workflow', text: drawn },
  ];
  await pick(page, gradientPng(64, 2, both), 'dog.png');
  await expect(dialog(page)).toContainText('2 nodes');
  await expect(dialog(page)).toContainText('As saved by the ComfyUI page');
});

test('refuses a file that is too large before reading it', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  await page.keyboard.press('Control+Enter');
  await expect(dialog(page)).toBeVisible();
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(33 * 1024 ** 2)], 'big.json'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer }));
  });
  await expect(dialog(page).locator('.workflow-problem')).toContainText(
    'big.json has 33 MB: workflows of more than 32 MB are not read.',
  );
  expect(lastPlan(center)).toBeUndefined();
});

test('fits 900 × 640 and 200 % zoom', async ({ fleetPage, page }) => {
  await page.setViewportSize({ width: 900, height: 640 });
  await fleetPage.open();
  await page.keyboard.press('Control+Enter');
  await pick(page);
  await expect(dialog(page).getByRole('button', { name: 'Run 3 shards' })).toBeEnabled();
  await screenshot(page, 'run-dialog-small');
  for (const size of [
    { width: 900, height: 640 },
    { width: 450, height: 320 },
  ]) {
    await page.setViewportSize(size);
    const body = page.locator('.dialog-body');
    // The layout follows a change of the window's size a frame later.
    await expect
      .poll(() => body.evaluate((element) => element.scrollWidth - element.clientWidth))
      .toBeLessThanOrEqual(1);
    await expectAccessible(page);
  }
  await screenshot(page, 'run-dialog-zoomed');
});
