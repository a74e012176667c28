import type { Seeded } from './seeded.ts';

/** Bodies: prompts and orders with something wrong in them, broken JSON, and bytes. */

export interface Body {
  readonly type: string;
  readonly bytes: Buffer;
}

const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1e400',
  '18446744073709551616',
  '9'.repeat(400),
  '0.1',
  '1e-400',
  '-9223372036854775809',
];
const WORDS = [
  'null',
  'true',
  '"x"',
  '""',
  '[]',
  '{}',
  '[[]]',
  '["1",0]',
  '["1",99]',
  '["nobody",0]',
  '[null,null]',
  '"\\u0000"',
];
const NASTY = [
  '"__proto__"',
  '"\\ud800"',
  '"../../x [output]"',
  '"/etc/passwd"',
  '{"__value__":[1]}',
  '{"toString":1}',
];
const KEYS = [
  '__proto__',
  'constructor',
  'class_type',
  'inputs',
  '_meta',
  'prompt',
  '1',
  '',
  'client_id',
  'ensemble',
  'x'.repeat(999),
];
const TYPES = [
  'application/json',
  'text/plain',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  '',
];

export function bodyOf(chance: Seeded): Body {
  const kind = chance.next();
  if (kind < 0.5) return json(chance, mutated(chance, promptText(chance)));
  if (kind < 0.65) return json(chance, mutated(chance, order(chance)));
  if (kind < 0.75) return json(chance, broken(chance, promptText(chance)));
  if (kind < 0.8) return json(chance, deep(chance));
  if (kind < 0.9) return upload(chance);
  const bytes = Buffer.from(Array.from({ length: chance.below(600) }, () => chance.below(256)));
  return { type: chance.pick(TYPES), bytes };
}

/** What is wrong with it is one value or one name; now and then nothing is. */
function mutated(chance: Seeded, text: string): string {
  if (chance.chance(0.1)) return text;
  const values = [...text.matchAll(/(?<=[:,[])(?:"[^"]*"|-?[\d.]+|true|\{\}|\[\])(?=[,\]}])/g)];
  const keys = [...text.matchAll(/"[^"]*"(?=:)/g)];
  const isKey = chance.chance(0.2) && keys.length > 0;
  const found = chance.pick(isKey ? keys : values);
  const odd = isKey ? JSON.stringify(chance.pick(KEYS)) : value(chance);
  return `${text.slice(0, found.index)}${odd}${text.slice(found.index + found[0].length)}`;
}

function value(chance: Seeded): string {
  return chance.pick([chance.pick(NUMBERS), chance.pick(WORDS), chance.pick(NASTY), deep(chance, 60)]);
}

function promptText(chance: Seeded): string {
  const size = chance.pick([8, 16]);
  const extra = chance.pick([
    '',
    ',"extra_data":{"extra_pnginfo":{"workflow":{"id":"w","nodes":[]}},"ensemble":{"copies":2}}',
    ',"extra_data":{"ensemble":{"splitBatch":true,"mode":"orchestrator","participants":["worker-1"]}}',
    ',"number":3,"front":true,"partial_execution_targets":["2"]',
    ',"client_id":"fuzz","prompt_id":"0a0a0a0a-0000-4000-8000-00000000000a"',
  ]);
  const source = chance.pick([
    `{"class_type":"EmptyImage","inputs":{"width":${size},"height":8,"batch_size":1,"color":7}}`,
    '{"class_type":"LoadImage","inputs":{"image":"nowhere.png"}}',
    '{"class_type":"DistributedCollector","inputs":{"images":["3",0],"load_balance":false}}',
  ]);
  const third =
    '{"class_type":"ImageScale","inputs":{"image":["1",0],"width":8,"height":8,"upscale_method":"area","crop":"disabled"}}';
  return `{"prompt":{"1":${source},"2":{"class_type":"SaveImage","inputs":{"images":["1",0],"filename_prefix":"fuzz"}},"3":${third}}${extra}}`;
}

function order(chance: Seeded): string {
  return chance.pick([
    '{"clear":true}',
    '{"delete":["x","0a0a0a0a-0000-4000-8000-00000000000a"]}',
    '{"prompt_id":"x"}',
    '{"job_ids":["0a0a0a0a-0000-4000-8000-00000000000a"]}',
    '{"unload_models":true,"free_memory":true}',
    '{"clientId":"fuzz","enabled":true}',
  ]);
}

function broken(chance: Seeded, text: string): string {
  const at = chance.below(text.length);
  const odd = chance.pick(['', '"', '}', ',', '\u0000', 'NaN', '\\', "'", '//']);
  return chance.chance(0.5) ? text.slice(0, at) : `${text.slice(0, at)}${odd}${text.slice(at + 1)}`;
}

function deep(chance: Seeded, most = 100_000): string {
  const levels = 1 + chance.below(most);
  const [open, close] = chance.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"prompt":', '}'],
  ]);
  return `${(open ?? '').repeat(levels)}1${chance.chance(0.8) ? (close ?? '').repeat(levels) : ''}`;
}

function json(chance: Seeded, text: string): Body {
  return { type: chance.chance(0.9) ? 'application/json' : chance.pick(TYPES), bytes: Buffer.from(text) };
}

function upload(chance: Seeded): Body {
  const [boundary, said] = ['b0undary', chance.chance(0.9) ? 'b0undary' : 'other'];
  const name = chance.pick([
    'fuzz.png',
    '../../fuzz.png',
    '..\\..\\fuzz.png',
    '/tmp/fuzz.png',
    '%2e%2e%2ffuzz.png',
    '',
    'a\u0000b.png',
    `${'n'.repeat(400)}.png`,
  ]);
  const folder = chance.pick(['', 'fuzz', '..', '../..', '/etc', 'a/../../..', '..\\..', '%2e%2e']);
  const fields = Object.entries({
    subfolder: folder,
    type: chance.pick(['input', 'temp', 'output', '..', '']),
    overwrite: 'true',
    original_ref: chance.pick(['{"filename":"../../x"}', '{', '{"filename":"fuzz.png","type":"input"}']),
  }).filter(() => chance.chance(0.7));
  const parts = fields.map(
    ([field, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${text}\r\n`,
  );
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="${name}"\r\nContent-Type: image/png\r\n\r\nfuzzed\r\n`;
  const end = chance.chance(0.9) ? `--${boundary}--\r\n` : '';
  return {
    type: `multipart/form-data; boundary=${said}`,
    bytes: Buffer.from(`${parts.join('')}${file}${end}`),
  };
}
