import { describe, expect, it } from 'vitest';
import { foreignRecord, isForeign } from '../../../electron/core/gateway/jobs/foreign.ts';
import type { Plan } from '../../../electron/core/graph/plan.ts';
import { DEFAULT_RUN_OPTIONS, type InputOverride } from '../../../shared/runs.ts';

const LARGE = '18446744073709551615';
const API = `{"3":{"class_type":"KSampler","inputs":{"seed":${LARGE},"steps":4}},"9":{"class_type":"SaveImage","inputs":{"images":["3",0]}}}`;
const target = (nodeId: string) => ({ nodeId, prefix: 'x', preview: false });
const plan: Plan = {
  kind: 'whole',
  templates: [
    {
      prompt: { '3': { class_type: 'KSampler', inputs: { seed: 1 } } },
      outputs: [{ nodeId: '9-saved', results: [target('9'), target('12')], gathers: [] }],
    },
  ],
  shards: [],
  secondStage: {
    prompt: { '20': { class_type: 'ImageScale', inputs: {} } },
    gathers: [],
    outputs: [{ nodeId: '21', results: [target('21'), target('9')], gathers: [] }],
  },
  ...{ seeds: [], titles: {}, warnings: [] },
};

const record = (workflow: string, set: readonly InputOverride[] = [], pngInfo: unknown = null) => {
  const options = { ...DEFAULT_RUN_OPTIONS, set };
  return foreignRecord({ id: 'run-1', record: { workflow, options }, plan, pngInfo }, 'p', 7, 1_000);
};

describe('a run of the app as a prompt', () => {
  it('is nobody’s, and has the place that it is given', () => {
    const job = record(API);
    expect(job).toMatchObject({ runId: 'run-1', promptId: 'p', number: 7, clientId: null, createdAt: 1_000 });
    expect(isForeign(job)).toBe(true);
    expect(isForeign({ caller: '127.0.0.1 curl' })).toBe(false);
  });

  it('is what was submitted, to the digit, with what was set', () => {
    expect(record(API).prompt).toContain(`"seed":${LARGE}`);
    const job = record(API, [{ node: '3', input: 'steps', value: '9' }]);
    expect(JSON.parse(job.prompt)['3'].inputs.steps).toBe(9);
    expect(Object.keys(JSON.parse(job.prompt))).toEqual(['3', '9']);
  });

  it('is what was compiled where only that is known, with the page’s own workflow beside it', () => {
    const page = { id: 'w', nodes: [{ id: 1, type: 'KSampler' }], links: [] };
    const job = record(JSON.stringify(page), [], page);
    expect(Object.keys(JSON.parse(job.prompt))).toEqual(['3', '20']);
    expect(JSON.parse(job.extraData)).toEqual({ extra_pnginfo: { workflow: page }, create_time: 1_000 });
  });

  it('has the outputs of both passes, each once', () => {
    expect(JSON.parse(record(API).outputs)).toEqual(['9', '12', '21']);
  });
});
