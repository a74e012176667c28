import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFrame } from '../../../electron/core/comfy/frames.ts';
import { parseMessage } from '../../../electron/core/comfy/messages.ts';
import { filesOf } from '../../../electron/core/comfy/outputs.ts';
import { comboOptions } from '../../../electron/core/comfy/replies.ts';

function frame(event: number, argument: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(event, 0);
  header.writeUInt32BE(argument, 4);
  return Buffer.concat([header, ...parts]);
}

const IMAGE = Uint8Array.of(0xff, 0xd8, 0xff);

describe('binary frames', () => {
  it('reads a bare preview', () => {
    expect(parseFrame(frame(1, 1, IMAGE))).toMatchObject({
      kind: 'preview',
      mime: 'image/jpeg',
      promptId: null,
    });
    expect(parseFrame(frame(1, 2, IMAGE))).toMatchObject({ mime: 'image/png' });
  });

  it('reads a preview that says whose it is', () => {
    const metadata = Buffer.from(JSON.stringify({ prompt_id: 'p', node_id: '5', image_type: 'image/png' }));
    const parsed = parseFrame(frame(4, metadata.length, metadata, IMAGE));
    expect(parsed).toMatchObject({ kind: 'preview', mime: 'image/png', promptId: 'p', nodeId: '5' });
    expect(parsed?.kind === 'preview' && [...parsed.image]).toEqual([...IMAGE]);
  });

  it('reads text of a node', () => {
    const text = frame(3, 2, Buffer.from('12'), Buffer.from('hé'));
    expect(parseFrame(text)).toEqual({ kind: 'text', nodeId: '12', text: 'hé' });
  });

  it('reads a frame in the middle of a larger buffer', () => {
    const bytes = frame(1, 1, IMAGE);
    const larger = Buffer.concat([Buffer.from('xxx'), bytes]);
    expect(parseFrame(larger.subarray(3))).toMatchObject({ kind: 'preview', mime: 'image/jpeg' });
  });

  it('drops lengths that lie and events it does not know', () => {
    expect(parseFrame(frame(4, 0xffffffff, IMAGE))).toBeNull();
    expect(parseFrame(frame(3, 99, IMAGE))).toBeNull();
    expect(parseFrame(frame(2, 1, IMAGE))).toBeNull();
    expect(parseFrame(frame(1, 7, IMAGE))).toBeNull();
    expect(parseFrame(frame(1, 1))).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 0, max: 5 }), (bytes, event) => {
        parseFrame(bytes);
        parseFrame(frame(event, bytes.length, bytes));
        return true;
      }),
    );
  });
});

describe('text messages', () => {
  it('reads numbers for ids, as some custom nodes send them', () => {
    const message = parseMessage('{"type":"executing","data":{"node":7,"prompt_id":"p"}}');
    expect(message).toEqual({ type: 'executing', data: { node: '7', prompt_id: 'p' } });
  });

  it('tells the end of a prompt from a replayed node without a prompt', () => {
    const end = parseMessage('{"type":"executing","data":{"node":null,"prompt_id":"p"}}');
    expect(end).toEqual({ type: 'executing', data: { node: null, prompt_id: 'p' } });
    const replay = parseMessage('{"type":"executing","data":{"node":"3"}}');
    expect(replay).toEqual({ type: 'executing', data: { node: '3', prompt_id: null } });
  });

  it.each([
    'x',
    '',
    'null',
    '[]',
    '{"type":"crystools.monitor","data":{}}',
    '{"type":"status"}',
    '{"type":"status","data":{"status":{"exec_info":{"queue_remaining":-1}}}}',
    '{"type":"progress","data":{"value":"1"}}',
  ])('ignores %s', (text) => {
    expect(parseMessage(text)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseMessage(text);
        return true;
      }),
    );
  });
});

describe('outputs', () => {
  it('finds the files under every key and leaves the rest', () => {
    const outputs = {
      '9': {
        images: [{ filename: 'a.png', subfolder: 'x\\y', type: 'output' }],
        animated: [true],
        text: ['a note', 'models/ship.glb'],
      },
      '10': { gifs: [{ filename: 'b.mp4', type: 'temp', format: 'video' }], ui: { deep: 1 } },
      '11': {
        images: [
          { filename: '', type: 'output' },
          { filename: 'c.png', type: 'elsewhere' },
        ],
      },
    };
    expect(filesOf(outputs)).toEqual([
      { filename: 'a.png', subfolder: 'x\\y', type: 'output' },
      { filename: 'ship.glb', subfolder: 'models', type: 'output' },
      { filename: 'b.mp4', subfolder: '', type: 'temp' },
    ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        filesOf(value);
        filesOf({ node: value });
        filesOf({ node: { images: value } });
        return true;
      }),
    );
  });
});

describe('combos', () => {
  const info = (definition: unknown) => ({ Loader: { input: { required: { name: definition } } } });
  it('reads both generations of nodes', () => {
    expect(comboOptions(info([['a', 'b'], {}]), 'Loader', 'name')).toEqual(['a', 'b']);
    expect(comboOptions(info(['COMBO', { options: ['a', 1] }]), 'Loader', 'name')).toEqual(['a']);
  });
  it('offers nothing where there is nothing', () => {
    for (const definition of [undefined, 'INT', ['INT', {}], ['COMBO'], ['COMBO', { options: 'a' }]]) {
      expect(comboOptions(info(definition), 'Loader', 'name')).toEqual([]);
    }
    expect(comboOptions({}, 'Loader', 'name')).toEqual([]);
  });
});
