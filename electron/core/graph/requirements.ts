import { nearest } from '../../../shared/nearest.ts';
import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog, NodeDefinition } from './catalog.ts';
import { comboValues, inputSpecs, isDynamicCombo, specOptions } from './input-spec.ts';

/** What one server lacks to run a prompt, from its definitions alone. */
export type Missing =
  | { readonly kind: 'node'; readonly nodeId: string; readonly className: string }
  | {
      /** A model file, or any other choice that the server does not offer. */
      readonly kind: 'model' | 'option';
      readonly nodeId: string;
      readonly className: string;
      readonly input: string;
      readonly value: unknown;
      /** What the server offers that was most likely meant. */
      readonly nearest: string | null;
    };

/** A model file that a prompt loads. */
export interface ModelUse {
  readonly nodeId: string;
  readonly className: string;
  readonly input: string;
  /** As the prompt names it. */
  readonly value: string;
}

/** What one combo of a class offers, ready to be asked thousands of times. */
interface Offer {
  readonly input: string;
  readonly values: ReadonlySet<unknown>;
  /** The same texts by their spelling with "/". */
  readonly bySlash: ReadonlyMap<string, string>;
  readonly nearest: Map<string, string | null>;
}

/** Files that go up with the workflow: whether they are there is not the list's business. */
const UPLOADS = [
  'image_upload',
  'audio_upload',
  'video_upload',
  'animated_image_upload',
  'file_upload',
] as const;
/** Nodes that check these inputs themselves, so that ComfyUI skips the list. */
const CHECKED_BY_NODE: ReadonlySet<string> = new Set([
  ...['LoadLatent.latent', 'LoadImage.image', 'LoadImageMask.image', 'LoadAudio.audio', 'LoadVideo.file'],
  ...['CustomCombo.choice', 'SelectModelDevice.device', 'SelectCLIPDevice.device', 'SelectVAEDevice.device'],
  'ModelAttentionBackend.attention',
]);

/** Names of model files, as opposed to other choices. */
export const MODEL_FILE = /\.(?:safetensors|sft|ckpt|pth?|bin|gguf|onnx|pkl|engine|patch)$/i;

/** Names in a sentence, the rest is counted. */
const NAMED_AT_MOST = 2;

const offersByCatalog = new WeakMap<NodeCatalog, Map<string, readonly Offer[]>>();

/** Everything that a server lacks for a prompt, in the order of the nodes; empty when it can run it. */
export function missingOn(prompt: ApiPrompt, catalog: NodeCatalog): readonly Missing[] {
  const missing: Missing[] = [];
  for (const [nodeId, node] of Object.entries(prompt)) {
    const className = node.class_type;
    const definition = catalog.find(className);
    if (!definition) {
      missing.push({ kind: 'node', nodeId, className });
      continue;
    }
    for (const offer of offersFor(node, definition, catalog)) {
      const value = node.inputs[offer.input];
      if (!isChoice(value) || isOffered(offer, value)) continue;
      missing.push({
        kind: typeof value === 'string' && MODEL_FILE.test(value) ? 'model' : 'option',
        ...{ nodeId, className, input: offer.input, value },
        // Thousands of names are compared for it, so only when somebody asks.
        get nearest() {
          return typeof value === 'string' ? nearestOffer(offer, value) : null;
        },
      });
    }
  }
  return missing;
}

/** What a server lacks, in one sentence without full stop, as it stands beside its name; empty when it lacks nothing. */
export function describeMissing(missing: readonly Missing[]): string {
  const nodes = distinct(missing.filter((one) => one.kind === 'node').map((one) => one.className));
  const models = distinct(valuesOf(missing, 'model').map(({ text }) => text));
  const options = distinct(valuesOf(missing, 'option').map(({ input, text }) => `${text} for ${input}`));
  const parts = [
    nodes.length > 0 ? `lacks the node${plural(nodes)} ${listed(nodes)}` : null,
    models.length > 0 ? `has no model${plural(models)} ${listed(models)}` : null,
    options.length > 0 ? `does not offer ${listed(options)}` : null,
  ].filter((part) => part !== null);
  const sentence = parts.join(', and ');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** The prompt with model and other names spelt with the path separators of this server; itself when nothing differs. */
export function convertSeparators(prompt: ApiPrompt, catalog: NodeCatalog): ApiPrompt {
  const changed: Record<string, ApiNode> = {};
  for (const [nodeId, node] of Object.entries(prompt)) {
    const definition = catalog.find(node.class_type);
    if (!definition) continue;
    const inputs: Record<string, unknown> = {};
    for (const offer of offersFor(node, definition, catalog)) {
      const value = node.inputs[offer.input];
      if (typeof value !== 'string' || offer.values.has(value)) continue;
      const spelt = offer.bySlash.get(withSlashes(value));
      if (spelt !== undefined) inputs[offer.input] = spelt;
    }
    if (Object.keys(inputs).length > 0) changed[nodeId] = { ...node, inputs: { ...node.inputs, ...inputs } };
  }
  return Object.keys(changed).length > 0 ? { ...prompt, ...changed } : prompt;
}

/** The model files that a prompt names, in the order of the nodes, each as often as it is named. */
export function modelsOf(prompt: ApiPrompt, catalog: NodeCatalog): readonly ModelUse[] {
  return Object.entries(prompt).flatMap(([nodeId, node]) => {
    const definition = catalog.find(node.class_type);
    const offers = definition ? offersFor(node, definition, catalog) : [];
    return offers.flatMap(({ input }) => {
      const value = node.inputs[input];
      if (typeof value !== 'string' || !MODEL_FILE.test(value)) return [];
      return [{ nodeId, className: node.class_type, input, value }];
    });
  });
}

/** Combos of a node's class; a class with dynamic combos has others for each choice. */
function offersFor(node: ApiNode, definition: NodeDefinition, catalog: NodeCatalog): readonly Offer[] {
  const known = offersByCatalog.get(catalog) ?? new Map<string, readonly Offer[]>();
  offersByCatalog.set(catalog, known);
  const before = known.get(definition.className);
  if (before) return before;
  const read: Offer[] = [];
  let dynamic = false;
  for (const { name, spec } of inputSpecs(definition, (combo) => node.inputs[combo])) {
    dynamic ||= isDynamicCombo(spec);
    const choices = comboValues(spec);
    if (choices && !isUnlisted(definition.className, name, spec)) read.push(readOffer(name, choices));
  }
  if (!dynamic) known.set(definition.className, read);
  return read;
}

function readOffer(input: string, choices: readonly unknown[]): Offer {
  const texts = choices.filter((choice) => typeof choice === 'string');
  return {
    input,
    values: new Set(choices),
    bySlash: new Map(texts.map((choice) => [withSlashes(choice), choice])),
    nearest: new Map(),
  };
}

export function isUnlisted(className: string, input: string, spec: unknown): boolean {
  const options = specOptions(spec);
  const remote = options['remote'] !== undefined && options['remote'] !== null;
  return (
    remote || CHECKED_BY_NODE.has(`${className}.${input}`) || UPLOADS.some((flag) => options[flag] === true)
  );
}

/** Links and lists are no choice; an input that is absent has a default or is the compiler's business. */
function isChoice(value: unknown): boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

function isOffered(offer: Offer, value: unknown): boolean {
  if (offer.values.has(value)) return true;
  return typeof value === 'string' && offer.bySlash.has(withSlashes(value));
}

/** The same file in another folder, else the most similar name. */
function nearestOffer(offer: Offer, value: string): string | null {
  const known = offer.nearest.get(value);
  if (known !== undefined) return known;
  const file = fileName(value);
  const texts = [...offer.bySlash.values()];
  const found = texts.find((text) => fileName(text) === file) ?? nearest(value, texts);
  offer.nearest.set(value, found);
  return found;
}

function fileName(path: string): string {
  return withSlashes(path).split('/').at(-1) ?? path;
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

function valuesOf(
  missing: readonly Missing[],
  kind: 'model' | 'option',
): readonly { readonly input: string; readonly text: string }[] {
  return missing.flatMap((one) => (one.kind === kind ? [{ input: one.input, text: String(one.value) }] : []));
}

/** "A", "A and B", "A, B and 3 more". */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_AT_MOST);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.join(' and ');
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function plural(names: readonly string[]): string {
  return names.length === 1 ? '' : 's';
}
