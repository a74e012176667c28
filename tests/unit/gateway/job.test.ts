import { describe, expect, it } from 'vitest';
import { Job } from '../../../electron/core/gateway/jobs/job.ts';

describe('the node of the user that a shard’s node stands for', () => {
  const job = new Job({
    ...{ runId: 'r', promptId: 'p', number: 0, clientId: null, caller: '', createdAt: 0 },
    prompt: JSON.stringify({
      '5': { class_type: 'KSampler' },
      '7': { class_type: 'SaveImage' },
      '9': { class_type: 'UltimateSDUpscaleDistributed' },
    }),
    ...{ extraData: '{}', outputs: '[]' },
  });
  const outputs = [
    { nodeId: '7-save', results: [{ nodeId: '7', prefix: 'a', preview: false }], gathers: [] },
    {
      nodeId: '9-collect-save',
      results: [],
      gathers: [{ collector: '9-collect', channel: 'images' as const }],
    },
  ];

  it.each([
    ['5', '5'],
    ['7-save', '7'],
    ['9-sample', '9'],
    ['9-tile-size', '9'],
    ['5.0.3', '5.0.3'],
    ['5-slice', null],
    ['8', null],
    ['9-collect-save', null],
  ])('of %s is %s', (shardNode, users) => {
    expect(job.usersNode(shardNode, { outputs })).toBe(users);
  });
});
