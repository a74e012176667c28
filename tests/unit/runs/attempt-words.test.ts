import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ComfyMessage, parseMessage } from '../../../electron/core/comfy/messages.ts';
import type { HistoryEntry } from '../../../electron/core/comfy/replies.ts';
import { AttemptFailure } from '../../../electron/core/runs/attempt/attempt-failure.ts';
import type { AttemptEvent } from '../../../electron/core/runs/attempt/attempt-types.ts';
import { resultOf } from '../../../electron/core/runs/attempt/outcome.ts';
import { afterAttemptMessage, type Track, UNTRACKED } from '../../../electron/core/runs/attempt/track.ts';

const PROMPT = {
  '1': { class_type: 'Loader', inputs: {} },
  '2': { class_type: 'KSampler', inputs: {}, _meta: { title: 'Sample' } },
};
const TRACKING = { promptId: 'p', prompt: PROMPT };

function follow(messages: readonly (readonly [string, unknown])[]): { track: Track; events: AttemptEvent[] } {
  const events: AttemptEvent[] = [];
  let track = UNTRACKED;
  for (const [index, [type, data]] of messages.entries()) {
    const message: ComfyMessage | null = parseMessage(JSON.stringify({ type, data }));
    const tracked = message === null ? null : afterAttemptMessage(track, message, TRACKING, index);
    if (tracked === null) continue;
    track = tracked.track;
    events.push(...tracked.events);
  }
  return { track, events };
}

const image = (filename: string) => ({ images: [{ filename, subfolder: '', type: 'output' }] });
const LIFE: readonly (readonly [string, unknown])[] = [
  ['execution_start', { prompt_id: 'p' }],
  ['execution_cached', { prompt_id: 'p', nodes: [] }],
  ['executing', { node: '1', prompt_id: 'p' }],
  ['executing', { node: '2', prompt_id: 'p' }],
  ['progress', { value: 1, max: 2, prompt_id: 'p', node: '2' }],
  ['progress_state', { prompt_id: 'p', nodes: { '2': { value: 1, max: 2, state: 'running' } } }],
  ['progress', { value: 2, max: 2, prompt_id: 'p', node: '2' }],
  ['executed', { node: '3', prompt_id: 'p', output: image('a.png') }],
  ['execution_success', { prompt_id: 'p' }],
  ['executing', { node: null, prompt_id: 'p' }],
];

describe('what messages say about a prompt', () => {
  it('becomes events, each once', () => {
    const { events, track } = follow(LIFE);
    expect(events).toEqual([
      { kind: 'started', at: 0 },
      { kind: 'step', nodeId: '1', node: 'Loader', step: null, steps: null },
      { kind: 'step', nodeId: '2', node: 'Sample', step: null, steps: null },
      { kind: 'sampling', at: 4 },
      { kind: 'step', nodeId: '2', node: 'Sample', step: 1, steps: 2 },
      { kind: 'step', nodeId: '2', node: 'Sample', step: 2, steps: 2 },
      { kind: 'executed', nodeId: '3', files: [{ filename: 'a.png', subfolder: '', type: 'output' }] },
    ]);
    expect(track.phase).toBe('ended');
  });

  it('is the same when every message comes twice, among those of other prompts and rubbish', () => {
    const kinds = (messages: readonly (readonly [string, unknown])[]): unknown =>
      follow(messages).events.map((event) => ({ ...event, at: 0 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...LIFE), fc.nat(30))), fc.string(), (noise, word) => {
        const messages = LIFE.flatMap((message) => [message, message]);
        for (const [[type, data], at] of noise) {
          messages.splice(
            at % messages.length,
            0,
            [type, { ...(data as object), prompt_id: `not ${word}` }],
            [word, data],
          );
        }
        expect(kinds(messages)).toEqual(kinds(LIFE));
      }),
    );
  });

  it('takes a blocked output for no end', () => {
    const error = {
      prompt_id: 'p',
      node_id: '2',
      exception_type: 'ExecutionBlocked',
      exception_message: 'x',
    };
    expect(follow([['execution_error', error]]).track).toMatchObject({ phase: 'running', error: null });
    const real = { ...error, exception_type: 'RuntimeError' };
    expect(follow([['execution_error', real]]).track).toMatchObject({ phase: 'ending', error: real });
  });
});

describe('the history of a prompt', () => {
  const entry = (change: Partial<HistoryEntry>): HistoryEntry => ({
    outputs: {},
    status: { status_str: 'success', completed: true, messages: [] },
    prompt: [0, 'p'],
    ...change,
  });
  const failure = (change: Partial<HistoryEntry>): AttemptFailure => {
    try {
      resultOf(entry(change), 'p', PROMPT);
    } catch (error) {
      if (error instanceof AttemptFailure) return error;
      throw error;
    }
    throw new Error('no failure');
  };

  it('becomes files and texts by node', () => {
    const outputs = {
      '10': { text: ['a note'], animated: [true] },
      '3': { ...image('a.png'), gifs: [{ filename: 'b.mp4', subfolder: 'x\\y', type: 'temp' }] },
      '4': { result: ['mesh/c.glb'] },
      '5': {},
    };
    expect(resultOf(entry({ outputs }), 'p', PROMPT)).toEqual({
      promptId: 'p',
      outputs: [
        {
          nodeId: '3',
          files: [
            { filename: 'a.png', subfolder: '', type: 'output' },
            { filename: 'b.mp4', subfolder: 'x\\y', type: 'temp' },
          ],
          texts: [],
        },
        { nodeId: '4', files: [{ filename: 'c.glb', subfolder: 'mesh', type: 'output' }], texts: [] },
        { nodeId: '10', files: [], texts: ['a note'] },
      ],
      shown: outputs,
    });
  });

  it('is an error with node, class, exception and traceback', () => {
    const data = {
      node_id: 2,
      node_type: 'KSampler',
      exception_type: 'ValueError',
      exception_message: 'bad latent\n',
      traceback: ['  File "nodes.py"', 7],
    };
    const messages: [string, unknown][] = [['execution_error', data]];
    expect(failure({ status: { status_str: 'error', completed: false, messages } })).toMatchObject({
      kind: 'execution',
      workersFault: false,
      message: 'Sample failed: bad latent',
      error: {
        nodeId: '2',
        nodeType: 'KSampler',
        exceptionType: 'ValueError',
        traceback: ['  File "nodes.py"'],
      },
    });
  });

  it('tells an interruption from an error', () => {
    const messages: [string, unknown][] = [['execution_interrupted', {}]];
    const status = { status_str: 'error', completed: false, messages };
    expect(failure({ status }).kind).toBe('interrupted');
    expect(failure({ status: { ...status, messages: [] } })).toMatchObject({
      kind: 'execution',
      error: { nodeId: null },
    });
  });

  it('of another prompt is a lie', () => {
    expect(failure({ prompt: [0, 'q'] })).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('another'),
    });
  });

  it.each([
    ['../../etc/passwd', '', 'output'],
    ['passwd', '..\\..', 'output'],
    ['passwd', '/etc', 'output'],
    ['/etc/passwd', '', 'output'],
    ['x', 'C:\\Windows', 'temp'],
    ['a\u0000.png', '', 'output'],
  ])('that names the file %j in %j is a lie', (filename, subfolder, type) => {
    const outputs = { '3': { images: [{ filename, subfolder, type }] } };
    expect(failure({ outputs })).toMatchObject({ kind: 'lost', message: expect.stringContaining('outside') });
  });

  it('ends in a result or an AttemptFailure, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything()),
        fc.array(fc.tuple(fc.string(), fc.anything())),
        (outputs, messages) => {
          for (const status_str of ['success', 'error']) {
            try {
              resultOf(entry({ outputs, status: { status_str, completed: true, messages } }), 'p', PROMPT);
            } catch (error) {
              expect(error).toBeInstanceOf(AttemptFailure);
            }
          }
        },
      ),
    );
  });
});
