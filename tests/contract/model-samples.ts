import type { ModelCommands, ModelReport } from '../../shared/models.ts';

/** One honest call of every command about models, and an answer to it. */

const workflow =
  '{"1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "naïve ✓.safetensors"}}}';
const report: ModelReport = {
  instances: [
    {
      id: 'master',
      name: 'Master',
      role: 'master',
      canRun: true,
      why: null,
      missingNodes: [],
      missingModels: 0,
    },
    {
      ...{
        id: 'worker-1',
        name: 'Wörker 1',
        role: 'worker',
        canRun: false,
        missingNodes: [],
        missingModels: 1,
      },
      why: 'Has no model naïve ✓.safetensors.',
    },
  ],
  models: [
    {
      ...{ id: '0', name: 'naïve ✓.safetensors', folder: 'checkpoints', nodes: ['Load Checkpoint'] },
      url: { url: 'https://models.example/a?b=1', from: 'workflow' },
      urlProblem: null,
      sizesDiffer: false,
      on: [{ status: 'there', bytes: 7 }, { status: 'missing' }],
    },
  ],
  warnings: [],
};

export const MODEL_SAMPLES: {
  readonly [C in keyof ModelCommands]: {
    readonly args: ModelCommands[C]['args'];
    readonly result: ModelCommands[C]['result'];
  };
} = {
  'models.check': { args: { workflow }, result: report },
  'models.script': {
    args: { workflow, shell: 'powershell', instance: 'worker-1' },
    result: { text: "Get-Model 'a'", fileName: 'ensemble-models.ps1', downloads: 1, leftOut: [] },
  },
  'models.rememberUrl': {
    args: { folder: 'loras', name: 'stil/naïve ✓.safetensors', url: 'https://models.example/a' },
    result: null,
  },
};
