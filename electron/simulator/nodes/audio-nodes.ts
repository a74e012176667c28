import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeFlac, encodeFlac, type Sound } from '../audio/flac.ts';
import { concatenate, silence, trim } from '../audio/sounds.ts';
import { decodeWav } from '../audio/wav.ts';
import { PythonError } from '../graph/python-text.ts';
import type { Audio } from '../graph/values.ts';
import type { ServerOptions } from '../options.ts';
import type { InputSpec, NodeContext, NodeDefinition } from './definition.ts';
import {
  type FolderType,
  fileFingerprint,
  inputPath,
  isInputFile,
  metadataOf,
  randomLetters,
  type SavedFile,
  saveTarget,
} from './files.ts';

const MAX = 2n ** 64n - 1n;
const AUDIO_FILE = /\.(flac|wav|mp3|ogg|opus|m4a|mp4|webm|mov|mkv)$/i;
const common = { category: 'audio', module: 'comfy_extras.nodes_audio', v3: 'new' } as const;
const saver = {
  ...common,
  output: [],
  outputNew: ['AUDIO'],
  outputNames: ['audio'],
  outputNode: true,
} as const;
const seconds: InputSpec = ['FLOAT', { default: 60, min: 0, max: MAX, step: 0.01 }];

/** Sounds: made, loaded, cut, joined, saved. */
export const AUDIO_NODES: readonly NodeDefinition[] = [
  {
    ...common,
    name: 'EmptyAudio',
    display: 'Empty Audio',
    required: {
      duration: seconds,
      sample_rate: ['INT', { default: 44_100, min: 1, max: 192_000 }],
      channels: ['INT', { default: 2, min: 1, max: 2 }],
    },
    output: ['AUDIO'],
    run: (inputs) => ({
      outputs: [
        silence(inputs.number('duration'), inputs.integer('sample_rate'), inputs.integer('channels')),
      ],
    }),
  },
  {
    ...common,
    name: 'LoadAudio',
    display: 'Load Audio',
    required: {
      audio: [(lists) => lists.inputFiles().filter((name) => AUDIO_FILE.test(name)), { audio_upload: true }],
    },
    output: ['AUDIO'],
    validate: {
      inputs: ['audio'],
      check: ({ audio }, options) => isInputFile(options, audio) || `Invalid audio file: ${String(audio)}`,
    },
    fingerprint: ({ audio }, options) => fileFingerprint(options, audio),
    run: (inputs, { options }) => ({ outputs: [loadAudio(options, inputs.text('audio'))] }),
  },
  {
    ...common,
    name: 'TrimAudioDuration',
    display: 'Trim Audio Duration',
    required: {
      audio: ['AUDIO'],
      start_index: ['FLOAT', { default: 0, min: -MAX, max: MAX, step: 0.01 }],
      duration: ['FLOAT', { default: 60, min: 0, step: 0.01 }],
    },
    output: ['AUDIO'],
    run: (inputs) => ({
      outputs: [
        trim(inputs.linked('audio', 'AUDIO'), inputs.number('start_index'), inputs.number('duration')),
      ],
    }),
  },
  {
    ...common,
    name: 'AudioConcat',
    display: ['Audio Concat', 'Concatenate Audio'],
    required: {
      audio1: ['AUDIO'],
      audio2: ['AUDIO'],
      direction: [['after', 'before'], { default: 'after' }],
    },
    output: ['AUDIO'],
    run: (inputs) => {
      const both = [inputs.linked('audio1', 'AUDIO'), inputs.linked('audio2', 'AUDIO')] as const;
      const [first, second] = inputs.text('direction') === 'after' ? both : ([both[1], both[0]] as const);
      return { outputs: [concatenate(first, second)] };
    },
  },
  {
    ...saver,
    name: 'SaveAudio',
    display: ['Save Audio (FLAC)', 'Save Audio (FLAC) (DEPRECATED)'],
    deprecatedInNew: true,
    required: { audio: ['AUDIO'], filename_prefix: ['STRING', { default: 'audio/ComfyUI' }] },
    run: (inputs, context) =>
      save(inputs.linked('audio', 'AUDIO'), inputs.text('filename_prefix'), 'output', context),
  },
  {
    ...saver,
    name: 'PreviewAudio',
    display: 'Preview Audio',
    required: { audio: ['AUDIO'] },
    run: (inputs, context) =>
      save(inputs.linked('audio', 'AUDIO'), `ComfyUI_temp_${randomLetters()}`, 'temp', context),
  },
];

function loadAudio(options: ServerOptions, annotated: string): Audio {
  const file = inputPath(options, annotated);
  try {
    const bytes = readFileSync(file);
    const sound: Sound = bytes.toString('latin1', 0, 4) === 'RIFF' ? decodeWav(bytes) : decodeFlac(bytes);
    return { kind: 'AUDIO', ...sound };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PythonError('av.error.InvalidDataError', `Invalid data found in '${file}' (${reason})`);
  }
}

async function save(audio: Audio, prefix: string, type: FolderType, context: NodeContext) {
  const target = saveTarget(context.options.directories[type], prefix, 0, 0);
  const number = String(target.counter).padStart(5, '0');
  // 0.33.0 leaves out the line after the number.
  const filename = `${target.name.replaceAll('%batch_num%', '0')}_${number}${context.legacy ? '_' : ''}.flac`;
  await writeFile(path.join(target.folder, filename), encodeFlac(audio, metadataOf(context)));
  const saved: SavedFile = { filename, subfolder: target.subfolder, type };
  return { outputs: [audio], ui: { audio: [saved] } };
}
