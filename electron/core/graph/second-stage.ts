import { EnsembleError } from '../../../shared/errors.ts';
import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import { CHANNELS } from './collectors.ts';
import { divideParts } from './divide-parts.ts';
import { freshId, type Link, linksOf, toPrompt, upstream, withInputs } from './node-graph.ts';
import type { Gathered, GatheredFile, SecondStage, ShardOutput } from './plan.ts';
import { hashPrompt, namingNodes, prefixLiterals, withLiterals } from './prefixes.ts';

/** What the master does once everything is gathered: the collectors become loaders of the gathered files. */

export interface CompiledStage {
  readonly prompt: ApiPrompt;
  readonly outputs: readonly ShardOutput[];
}

/** How much comes out of a loader: pictures or seconds; null when it is not known. */
export type Amounts = Map<string, number | null>;

/**
 * @throws EnsembleError('bad-argument') when nothing was gathered for a collector, or a divider cannot divide what there is
 */
export function compileSecondStage(stage: SecondStage, gathered: readonly Gathered[]): CompiledStage {
  const nodes = new Map(Object.entries(stage.prompt));
  const amounts: Amounts = new Map();
  const sources = new Map<string, Link>();
  for (const { collector, channel } of stage.gathers) {
    const found = gathered.find((one) => one.collector === collector && one.channel === channel);
    const files = found?.files ?? [];
    if (files.length === 0) {
      throw EnsembleError.badArgument(
        'gathered',
        `No ${channel} came back for the collector of node ${collector}.`,
      );
    }
    const output = CHANNELS.indexOf(channel);
    sources.set(JSON.stringify([collector, output]), addLoaders(nodes, collector, channel, files, amounts));
  }
  for (const [id, node] of nodes) nodes.set(id, relinked(node, sources));
  const roots = stage.outputs.map(({ nodeId }) => nodeId);
  const divided = divideParts(nodes, roots, amounts);
  const bare = toPrompt(divided, upstream(divided, roots));
  const naming = namingNodes(bare);
  const prompt = withLiterals(bare, prefixLiterals(naming, hashPrompt(bare, naming)));
  return { prompt, outputs: stage.outputs };
}

function relinked(node: ApiNode, sources: ReadonlyMap<string, Link>): ApiNode {
  let next = node;
  for (const [input, link] of linksOf(node)) {
    const source = sources.get(JSON.stringify(link));
    if (source !== undefined) next = withInputs(next, { [input]: source });
  }
  return next;
}

/** Usually one file; several are joined in order. */
function addLoaders(
  nodes: Map<string, ApiNode>,
  collector: string,
  channel: 'images' | 'audio',
  files: readonly GatheredFile[],
  amounts: Amounts,
): Link {
  const add = (wanted: string, amount: number | null, node: ApiNode): Link => {
    const id = freshId(nodes, wanted);
    nodes.set(id, node);
    amounts.set(id, amount);
    return [id, 0];
  };
  let whole: Link | null = null;
  let sum: number | null = 0;
  for (const [index, file] of files.entries()) {
    const amount = channel === 'images' ? file.frames : file.seconds;
    sum = sum === null || amount === null ? null : sum + amount;
    const part = add(`${collector}-load${nth(index)}`, amount, loader(channel, file.name));
    whole =
      whole === null ? part : add(`${collector}-join${nth(index - 1)}`, sum, joiner(channel, whole, part));
  }
  if (whole === null) throw new EnsembleError('internal', 'There was nothing to load.');
  return whole;
}

function nth(index: number): string {
  return index === 0 ? '' : `-${index + 1}`;
}

function loader(channel: 'images' | 'audio', name: string): ApiNode {
  return channel === 'images'
    ? { class_type: 'LoadImage', inputs: { image: name }, _meta: { title: 'Collected pictures' } }
    : { class_type: 'LoadAudio', inputs: { audio: name }, _meta: { title: 'Collected audio' } };
}

function joiner(channel: 'images' | 'audio', before: Link, after: Link): ApiNode {
  return channel === 'images'
    ? {
        class_type: 'ImageBatch',
        inputs: { image1: before, image2: after },
        _meta: { title: 'All pictures' },
      }
    : {
        class_type: 'AudioConcat',
        inputs: { audio1: before, audio2: after, direction: 'after' },
        _meta: { title: 'All audio' },
      };
}
