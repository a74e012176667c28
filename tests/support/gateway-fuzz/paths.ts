import type { Seeded } from './seeded.ts';

/** Addresses: right ones, nearly right ones, and ways out of every folder. */

const ROUTES = [
  ...['/prompt', '/queue', '/history', '/history/x', '/interrupt', '/free', '/view', '/upload/image'],
  ...['/upload/mask', '/object_info/KSampler', '/features', '/system_stats', '/embeddings'],
  ...['/models', '/models/checkpoints', '/settings', '/userdata?dir=workflows', '/userdata/a%2Fb.json'],
  ...['/internal/logs', '/internal/logs/raw', '/internal/files/output', '/extensions', '/users', '/'],
  ...['/api/jobs', '/api/jobs/x', '/api/jobs/x/cancel', '/api/jobs/cancel', '/ws'],
  ...['/view_metadata/checkpoints', '/i18n', '/templates/index.json', '/workflow_templates'],
];

/** Each way up that somebody once found a server to follow. */
const UP = [
  ...[
    '..',
    '%2e%2e',
    '%2E.',
    '.%2e',
    '%252e%252e',
    '..%2f',
    '..%5c',
    '..\\',
    '%c0%ae%c0%ae',
    '....//',
    '..;',
  ],
  ...[
    '%2e%2e%2f',
    '%2e%2e%5c',
    '..%00',
    '..%0d%0a',
    '\u2025',
    '\uff0e\uff0e',
    '.%00.',
    '..././',
    '%u002e%u002e',
  ],
];
const ODD = [
  '',
  '/',
  '//',
  '.',
  '%',
  '%zz',
  '%00',
  '%ff',
  ' ',
  '\u00e9',
  '\u{1f4a5}',
  'a'.repeat(3000),
  '~',
  'C:',
  '*',
];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;

export type Method = (typeof METHODS)[number];

export function methodOf(chance: Seeded): Method {
  return chance.pick(METHODS);
}

/** @param targets files that must never be given out, absolute */
export function pathOf(chance: Seeded, targets: readonly string[]): string {
  const route = `${chance.chance(0.3) ? '/api' : ''}${chance.pick(ROUTES)}`;
  const kind = chance.next();
  if (kind < 0.45) return `${route}${queryOf(chance, targets)}`;
  if (kind < 0.7) return `/view${viewQuery(chance, targets)}`;
  const parts = route.split('/');
  const place = chance.below(parts.length + 1);
  const odd = chance.chance(0.6) ? climb(chance, targets) : chance.pick(ODD);
  return `/${[...parts.slice(0, place), odd, ...parts.slice(place)].join('/')}`;
}

function climb(chance: Seeded, targets: readonly string[]): string {
  const steps = Array.from({ length: 1 + chance.below(8) }, () => chance.pick(UP));
  return `${steps.join(chance.pick(['/', '%2f', '\\', '%5c', '']))}${ending(chance, targets)}`;
}

function ending(chance: Seeded, targets: readonly string[]): string {
  const target = chance.pick(targets);
  const name = target.slice(target.lastIndexOf('/') + 1);
  return chance.pick(['', target, `/${name}`, `%2f${name}`, `\\${name}`, `/${name}%00.png`]);
}

/** Straight to the file, by one kind of step all the way: what a hole would let through. */
function wayOut(chance: Seeded, targets: readonly string[]): string {
  const target = chance.pick(targets);
  const cut = target.lastIndexOf('/');
  const [folder, name] = [target.slice(0, cut), target.slice(cut + 1)];
  const [step, slash] = [chance.chance(0.5) ? '..' : chance.pick(UP), chance.pick(['/', '/', '\\', '%2f'])];
  const up = Array.from({ length: 1 + chance.below(4) }, () => step).join(slash);
  const begin = chance.pick(['', '', 'ensemble-previews/', 'a/../', './', '/']);
  const [subfolder = '', filename = ''] = chance.pick([
    [`${begin}${up}`, name],
    [folder, name],
    ['', `${begin}${up}${slash}${name}`],
    ['', target],
    [`${begin}${up}${folder}`, name],
  ]);
  const type = chance.pick(['output', 'input', 'temp']);
  const annotation = chance.chance(0.3) ? ` [${type}]` : '';
  return `?${new URLSearchParams({ filename: `${filename}${annotation}`, subfolder, type })}`;
}

/** `filename`, `subfolder` and `type` in every combination; half of them raw, half of them encoded. */
function viewQuery(chance: Seeded, targets: readonly string[]): string {
  if (chance.chance(0.5)) return wayOut(chance, targets);
  const text = (): string =>
    chance.pick([
      climb(chance, targets),
      ending(chance, targets),
      chance.pick(ODD),
      'plain_00001_.png',
      'a/b',
      'link',
    ]);
  const type = chance.pick([
    'output',
    'input',
    'temp',
    '..',
    '/',
    'etc',
    '',
    '__proto__',
    'previews',
    climb(chance, targets),
  ]);
  const annotation = chance.chance(0.2) ? ` [${chance.pick(['output', 'input', 'temp', '..'])}]` : '';
  const folder = chance.chance(0.2) ? `ensemble-previews/${text()}` : text();
  const fields = [
    ['filename', `${text()}${annotation}`],
    ['type', type],
    ['subfolder', folder],
    ['preview', chance.pick(['webp', 'jpeg;0', 'x;y', ''])],
    ['channel', chance.pick(['rgb', 'a', 'zz'])],
  ].filter(() => chance.chance(0.75));
  const write = chance.chance(0.5)
    ? encodeURIComponent
    : (value: string): string => value.replaceAll(/[\s#&]/g, '+');
  return `?${fields.map(([name = '', value = '']) => `${name}=${write(value)}`).join('&')}`;
}

function queryOf(chance: Seeded, targets: readonly string[]): string {
  if (chance.chance(0.5)) return '';
  const names = [
    'max_items',
    'offset',
    'limit',
    'status',
    'sort_by',
    'sort_order',
    'workflow_id',
    'clientId',
    'token',
  ];
  const value = (): string =>
    chance.pick([
      '-1',
      '0',
      '1e9',
      '99999999999999999999',
      'NaN',
      '',
      'pending',
      'x,y',
      '%',
      '%00',
      climb(chance, targets),
    ]);
  const fields = Array.from({ length: 1 + chance.below(4) }, () => `${chance.pick(names)}=${value()}`);
  return `?${fields.join('&')}`;
}
