import { describe, expect, it } from 'vitest';
import { blockReason, runLabel } from '../../../../renderer/run-dialog/block-reason.ts';
import { checkWorkflow, nameOfFile, sizeProblem } from '../../../../renderer/run-dialog/read-workflow.ts';
import {
  applyWantedSeed,
  EMPTY_FORM,
  formOf,
  readRunForm,
  toggleInstance,
  withMaster,
} from '../../../../renderer/run-dialog/run-form.ts';
import { DEFAULT_RUN_OPTIONS, type ModeChoice } from '../../../../shared/runs.ts';
import { PLAN } from '../../../web/fixtures/runs.ts';

const NODE = '{"1":{"class_type":"KSampler","inputs":{}}}';
const SEEDS = [
  { nodeId: '3', node: 'KSampler', input: 'seed', base: '9007199254741000' },
  { nodeId: '5', node: 'Noise', input: 'noise_seed', base: '18446744073709551615' },
];

describe('reading a workflow', () => {
  it('takes both formats and counts their nodes', () => {
    expect(checkWorkflow('a.json', NODE)).toEqual({ ok: true, nodes: 1, format: 'api' });
    expect(checkWorkflow('a.json', `{"prompt":${NODE}}`)).toMatchObject({ ok: true, nodes: 1 });
    expect(checkWorkflow('a.json', '{"nodes":[{},{}],"links":[]}')).toEqual({
      ok: true,
      nodes: 2,
      format: 'ui',
    });
  });

  it.each([
    ['', 'a.json is empty.'],
    ['[1]', 'a.json is JSON, but no workflow: it has no nodes.'],
    ['{"a":1}', 'a.json is JSON, but no workflow: nothing in it has a class_type.'],
    ['{"nodes":[]}', 'a.json has no nodes.'],
    ['{"a":1,\n  "b" 2}', 'a.json is not valid JSON: line 2, column 7.'],
    ['{"a":', 'a.json is not valid JSON'],
    ['\u0089PNG', 'a.json is not valid JSON'],
  ])('refuses %j in words', (text, problem) => {
    const check = checkWorkflow('a.json', text);
    expect(check.ok ? '' : check.problem).toContain(problem);
  });

  it('refuses by size before anything is read', () => {
    expect(sizeProblem('big.json', 200 * 1024 ** 2)).toBe(
      'big.json has 200 MB: workflows of more than 32 MB are not read.',
    );
    expect(sizeProblem('a.json', 32 * 1024 ** 2)).toBeNull();
    expect(nameOfFile('portrait.JSON')).toBe('portrait');
    expect(nameOfFile('.json')).toBe('Workflow');
  });
});

describe('the form', () => {
  it('means the defaults while nothing is typed', () => {
    expect(readRunForm(EMPTY_FORM)).toEqual({ options: DEFAULT_RUN_OPTIONS, problems: [] });
    const options = { ...DEFAULT_RUN_OPTIONS, copies: 8, on: ['worker-1'], splitBatch: true };
    expect(readRunForm(formOf(options, null)).options).toEqual(options);
  });

  it.each(['0', '1.5', '-2', 'many', '100001'])('refuses %s copies', (copies) => {
    const { options, problems } = readRunForm({ ...EMPTY_FORM, copies });
    expect(options).toBeNull();
    expect(problems[0]?.field).toBe('copies');
  });

  it.each(['', '-1', '1e3', '18446744073709551616'])('refuses the seed %j', (seed) => {
    expect(readRunForm({ ...EMPTY_FORM, seeds: { '3\nseed': seed } }).options).toBeNull();
  });

  it('sends seeds as text, in place of an override of the same input, and leaves half-filled lines out', () => {
    const form = {
      ...EMPTY_FORM,
      seeds: { '3\nseed': '18446744073709551615' },
      set: [
        { node: '3', input: 'seed', value: '1' },
        { node: '3', input: 'steps', value: '30' },
        { node: '', input: 'cfg', value: '7' },
      ],
    };
    expect(readRunForm(form).options?.set).toEqual([
      { node: '3', input: 'steps', value: '30' },
      { node: '3', input: 'seed', value: '18446744073709551615' },
    ]);
  });

  it('moves every seed by as much as the first one', () => {
    const form = applyWantedSeed({ ...EMPTY_FORM, wantedSeed: '9007199254741003' }, SEEDS);
    expect(form.seeds).toEqual({ '3\nseed': '9007199254741003', '5\nnoise_seed': '2' });
    expect(form.wantedSeed).toBeNull();
    expect(applyWantedSeed({ ...EMPTY_FORM, wantedSeed: '5' }, []).wantedSeed).toBeNull();
    expect(applyWantedSeed(EMPTY_FORM, SEEDS)).toBe(EMPTY_FORM);
  });

  it('turns the selection into a list of its own with the first tick', () => {
    expect(toggleInstance(null, ['m', 'a', 'b'], 'a', false)).toEqual(['m', 'b']);
    expect(toggleInstance(['m'], ['m', 'a'], 'a', true)).toEqual(['m', 'a']);
  });
});

describe('the button', () => {
  const ready = { workflow: { name: 'a', text: NODE }, reading: false, problem: null };
  const planning = { plan: PLAN, refusal: null, pending: false };

  it('says why it cannot be pressed', () => {
    expect(blockReason(ready, 'a', [], planning, false)).toBeNull();
    expect(blockReason({ ...ready, workflow: null }, 'a', [], planning, false)).toBe(
      'Choose a workflow first.',
    );
    expect(blockReason(ready, ' ', [], planning, false)).toBe('Give the run a name.');
    expect(blockReason(ready, 'a', [], { ...planning, pending: true }, false)).toContain('Working out');
    const problem = { ...PLAN, problems: ['There is no participant.'] };
    expect(blockReason(ready, 'a', [], { ...planning, plan: problem }, false)).toBe(
      'There is no participant.',
    );
  });

  it('says what it will do', () => {
    expect(runLabel(planning)).toBe('Run 3 shards');
    expect(runLabel({ ...planning, plan: null })).toBe('Run');
  });
});

describe('the instances of a run', () => {
  const options = { ...DEFAULT_RUN_OPTIONS, on: ['worker-1', 'master'] };
  const on = (mode: ModeChoice, selected: boolean): readonly string[] | null =>
    withMaster({ ...options, mode }, { id: 'master', selected }).on;

  it('have the master among them exactly when it will render', () => {
    expect(on('auto', true)).toEqual(['master', 'worker-1']);
    expect(on('auto', false)).toEqual(['worker-1']);
    expect(on('participating', false)).toEqual(['master', 'worker-1']);
    expect(on('orchestrator', true)).toEqual(['worker-1']);
  });

  it('are left to the selection while nobody chose', () => {
    expect(withMaster({ ...options, on: null }, { id: 'master', selected: true }).on).toBeNull();
  });

  it('are never nobody', () => {
    const none = { ...options, on: ['master'], mode: 'orchestrator' } as const;
    expect(withMaster(none, { id: 'master', selected: true }).on).toEqual(['master']);
  });
});
