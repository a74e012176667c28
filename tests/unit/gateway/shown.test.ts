import { describe, expect, it } from 'vitest';
import { mergeShown, referenceOf, shownByUser } from '../../../electron/core/gateway/jobs/shown.ts';
import type { Artifact } from '../../../shared/runs.ts';

function artifact(shard: number, name: string, change: Partial<Artifact> = {}): Artifact {
  return {
    ...{ id: name, runId: 'r', runName: 'r', stage: 1, shard, nodeId: '7', node: 'Save', kind: 'image' },
    ...{ preview: false, name, path: `/out/${name}`, bytes: 1, width: 1, height: 1, seed: null, url: '' },
    ...{ instanceId: 'm', instanceName: 'M', seconds: 1, at: shard },
    ...change,
  };
}

const file = (filename: string) => ({ filename, subfolder: '', type: 'output' });

describe('what nodes show', () => {
  it('has the ids of the user’s graph, and nothing that is only collected', () => {
    const outputs = [
      { nodeId: '11-save', results: [{ nodeId: '7', prefix: 'x', preview: false }], gathers: [] },
      { nodeId: '12-save', results: [], gathers: [{ collector: '12', channel: 'images' as const }] },
    ];
    const shown = {
      '11-save': { images: [file('w_1.png')] },
      '12-save': { images: [file('w_2.png')] },
      '5': { text: ['on the way'] },
      '6': { images: [file('left there.png')] },
      inserted: { text: ['ours'] },
    };
    const users = shownByUser(shown, outputs, (id) => ['5', '6', '7'].includes(id));
    expect(Object.fromEntries(users)).toEqual({
      '5': { text: ['on the way'] },
      '7': { images: [file('w_1.png')] },
    });
  });

  it('joins all shards in order, with the files where they are at home', () => {
    const shards = [0, 1].map((shard) => ({
      ...{ stage: 1, shard },
      nodes: [['7', { images: [file(`w_${shard}.png`)], animated: [false] }] as const],
    }));
    // Shard 1 came first.
    const artifacts = [artifact(1, 'sub/b_00001_.png'), artifact(0, 'sub/b_00002_.png')];
    expect(mergeShown(shards, artifacts)).toEqual({
      '7': {
        images: [
          { filename: 'b_00002_.png', subfolder: 'sub', type: 'output' },
          { filename: 'b_00001_.png', subfolder: 'sub', type: 'output' },
        ],
        animated: [false, false],
      },
    });
  });

  it('keeps what nodes say beside their files, but no path of a worker, and leaves out what did not come', () => {
    const gif = { ...file('v.mp4'), format: 'video/h264-mp4', fullpath: '/home/worker/v.mp4' };
    const nodes = [['7', { gifs: [gif, file('gone.mp4')], result: 3, model: ['mesh/c.glb'] }] as const];
    const home = [artifact(0, 'v_00001_.mp4')];
    expect(mergeShown([{ stage: 1, shard: 0, nodes }], home)).toEqual({
      '7': {
        gifs: [{ filename: 'v_00001_.mp4', subfolder: '', type: 'output', format: 'video/h264-mp4' }],
        result: 3,
        model: [],
      },
    });
  });

  it('keeps previews apart from the files of any server', () => {
    expect(referenceOf({ name: 'x/p_00001_.png', preview: true })).toEqual({
      ...{ filename: 'p_00001_.png', subfolder: 'ensemble-previews/x', type: 'temp' },
    });
  });
});
