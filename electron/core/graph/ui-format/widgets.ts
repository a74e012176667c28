import { isRecord } from '../../plain-data.ts';
import { inputType, type NodeDefinition } from '../catalog.ts';
import { comboValues, inputSpecs, type NamedSpec, specOptions } from '../input-spec.ts';
import type { UiNode } from './document.ts';

/** Which values the widgets of a node hold: the page saves them without names, in the order of the class's inputs. */

/** Types that the page draws a widget for; every other type is a socket. */
const WIDGET_TYPES: ReadonlySet<string> = new Set([
  ...[
    'INT',
    'FLOAT',
    'BOOLEAN',
    'STRING',
    'COMBO',
    'MARKDOWN',
    'TEXTAREA',
    'COLOR',
    'COLORS',
    'CURVE',
    'RANGE',
  ],
  ...['BOUNDING_BOX', 'BOUNDING_BOXES', 'CHART', 'GALLERIA', 'PAINTER', 'COMPOSITOR', 'VIDEO_EDIT'],
  ...['COMFY_DYNAMICCOMBO_V3', 'IMAGECOMPARE', 'WEBCAM', 'AUDIO_RECORD', 'LOAD_3D', 'PREVIEW_3D'],
]);

/** A combo whose options its user writes. */
export const CUSTOM_COMBO = 'CustomCombo';
/** Shows two pictures and is saved nowhere, but a server wants its two empty values. */
const COMPARE = 'IMAGECOMPARE';
/** The page draws a box's four numbers as widgets of their own, and saves them too. */
const BOX_FIELDS = 4;

const CONTROLS: ReadonlySet<unknown> = new Set([
  ...['fixed', 'increment', 'decrement', 'randomize', 'increment-wrap'],
  // Very old files: whether to randomize.
  ...[true, false, null],
]);

/** Names under which nodes with named values keep what is the page's alone. */
const PAGE_KEYS: ReadonlySet<string> = new Set([
  'videopreview',
  'upload',
  'audioUI',
  'control_after_generate',
]);

/** Values by input name, in the order of the inputs, defaults for what the file does not have. */
export function widgetValues(definition: NodeDefinition, node: UiNode): Map<string, unknown> {
  if (isRecord(node.values)) return byName(definition, node, node.values, true);
  if (node.named) return byName(definition, node, node.named, false);
  return byPosition(definition, node, node.values);
}

function byName(
  definition: NodeDefinition,
  node: UiNode,
  saved: Readonly<Record<string, unknown>>,
  withUnlisted: boolean,
): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const input of inputSpecs(definition, (name) => values.get(name))) {
    if (!holdsValue(input, node)) continue;
    values.set(input.name, Object.hasOwn(saved, input.name) ? saved[input.name] : defaultOf(input.spec));
  }
  // Nodes that name their values also send those of inputs that they add while they are used.
  const sockets = new Set(node.inputs.map((input) => input.name));
  for (const [name, value] of withUnlisted ? Object.entries(saved) : []) {
    const plain = !isRecord(value) && !isPageKey(name) && !sockets.has(name);
    if (plain && !values.has(name)) values.set(name, value);
  }
  return values;
}

function byPosition(
  definition: NodeDefinition,
  node: UiNode,
  saved: readonly unknown[],
): Map<string, unknown> {
  const list = withoutSockets(definition, node, saved);
  const values = new Map<string, unknown>();
  let at = 0;
  for (const input of inputSpecs(definition, (name) => values.get(name))) {
    if (!holdsValue(input, node)) continue;
    if (widgetType(input.spec) === COMPARE) {
      values.set(input.name, defaultOf(input.spec));
      continue;
    }
    values.set(input.name, at < list.length ? list[at] : defaultOf(input.spec));
    at += 1 + companions(input, list, at + 1);
  }
  if (definition.className === CUSTOM_COMBO) addOptions(values, list);
  return values;
}

/** The page adds these inputs itself while its user writes options: which one is chosen, then the options. */
function addOptions(values: Map<string, unknown>, list: readonly unknown[]): void {
  values.set('index', list[1] ?? 0);
  for (const [index, option] of list.slice(2).entries()) values.set(`option${index + 1}`, option);
}

function isPageKey(name: string): boolean {
  return PAGE_KEYS.has(name) || name.startsWith('choose ');
}

/** How many values of the page's own follow, e.g. what to do with a seed after each run. */
function companions({ name, spec }: NamedSpec, list: readonly unknown[], at: number): number {
  const type = widgetType(spec);
  if (type === 'BOUNDING_BOX') return BOX_FIELDS;
  if (!isControlled(name, spec) || !CONTROLS.has(list[at] ?? null)) return 0;
  const filter = type === 'COMBO' ? 1 : 0;
  return 1 + filter;
}

function isControlled(name: string, spec: unknown): boolean {
  const flag = specOptions(spec)['control_after_generate'];
  const type = widgetType(spec);
  if (type === 'INT') return flag === undefined ? name === 'seed' || name === 'noise_seed' : Boolean(flag);
  return (type === 'COMBO' || type === 'FLOAT') && Boolean(flag);
}

/** Pages before 2025 saved a value for sockets that could have been widgets as well: seen by the count alone. */
function withoutSockets(
  definition: NodeDefinition,
  node: UiNode,
  saved: readonly unknown[],
): readonly unknown[] {
  const isSocket: boolean[] = [];
  for (const input of inputSpecs(definition, () => null)) {
    const forced = specOptions(input.spec)['forceInput'] === true;
    if (!forced && !holdsValue(input, node)) continue;
    isSocket.push(forced);
    if (specOptions(input.spec)['control_after_generate']) isSocket.push(false);
  }
  if (!isSocket.includes(true) || isSocket.length !== saved.length) return saved;
  return saved.filter((_, index) => !isSocket[index]);
}

function holdsValue({ name, spec }: NamedSpec, node: UiNode): boolean {
  if (specOptions(spec)['forceInput'] === true) return false;
  const type = widgetType(spec);
  if (type !== null && WIDGET_TYPES.has(type)) return true;
  // Third-party widgets have types of their own; newer files say which sockets stand for a widget.
  return node.inputs.some((input) => input.widget === name);
}

function widgetType(spec: unknown): string | null {
  const given = specOptions(spec)['widgetType'];
  return typeof given === 'string' ? given : inputType(spec);
}

/** What a new node would have; undefined when the page alone knows. */
function defaultOf(spec: unknown): unknown {
  const given = specOptions(spec)['default'];
  const choices = comboValues(spec);
  if (choices) return given || choices[0];
  if (given !== undefined && given !== null) return given;
  switch (widgetType(spec)) {
    case 'INT':
    case 'FLOAT':
      return 0;
    case 'BOOLEAN':
      return false;
    case 'STRING':
    case 'MARKDOWN':
    case 'TEXTAREA':
    case 'PAINTER':
      return '';
    case 'COLOR':
      return '#000000';
    case COMPARE:
      return ['', ''];
    case 'BOUNDING_BOX':
      return { x: 0, y: 0, width: 512, height: 512 };
    case 'BOUNDING_BOXES':
    case 'COLORS':
      return [];
    default:
      return undefined;
  }
}
