import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { at, call, list } from '../conformance/client.ts';
import { type RunningServer, type ServerKind, startServer } from '../conformance/servers.ts';
import { node, type Prompt } from '../conformance/workflows.ts';
import { GatewayWorld } from '../support/gateway-world.ts';

/** An odd one beyond 2^53: a client that parses and prints it must not change it. */
const FIRST_LARGE_SEED = 9_007_199_254_740_993n;

export interface PromptFile {
  readonly path: string;
  readonly seed: string;
}

/** What a client is pointed at. */
export interface Served {
  readonly label: string;
  /** "127.0.0.1:8200" */
  readonly address: string;
  readonly url: string;
  /** How many pictures its prompt makes. */
  readonly pictures: number;
  /** Text to image; node 7 saves. */
  prompt(): Prompt;
  /** An empty folder. */
  folder(): Promise<string>;
  /** The prompt as a file, with a seed that a double cannot hold. */
  file(): Promise<PromptFile>;
  close(): Promise<void>;
}

/** @param count servers behind the gateway; 0: one server without a gateway */
export async function serve(kind: ServerKind, count: number): Promise<Served> {
  const fast = JSON.stringify({ ...JSON.parse(kind.environment['ENSEMBLE_SIM'] ?? '{}'), modelLoadMs: 5 });
  const environment = kind.simulated ? { ENSEMBLE_SIM: fast } : kind.environment;
  const wanted = Array.from({ length: Math.max(1, count) }, () => startServer({ ...kind, environment }));
  const servers = await Promise.all(wanted);
  const [first] = servers;
  if (first === undefined) throw new Error('no server');
  const world = count === 0 ? null : await openWorld(servers, first);
  const url = world?.url ?? first.url;
  const checkpoint = await checkpointOf(url, kind);
  const folders: string[] = [];
  const folder = async (): Promise<string> => {
    const made = await mkdtemp(path.join(tmpdir(), 'ensemble-client-'));
    folders.push(made);
    return made;
  };
  const prompt = (): Prompt => textToImage(checkpoint, count > 0);
  return {
    label: kind.label,
    address: new URL(url).host,
    ...{ url, pictures: servers.length, prompt, folder },
    file: async () => {
      const target = path.join(await folder(), 'workflow.json');
      const large = String(FIRST_LARGE_SEED + BigInt(seed));
      await writeFile(target, JSON.stringify(prompt()).replace(/"seed":\d+/, `"seed":${large}`));
      return { path: target, seed: large };
    },
    close: async () => {
      await world?.close();
      await Promise.all(servers.map((server) => server.stop()));
      for (const one of folders) await rm(one, { recursive: true, force: true });
    },
  };
}

function openWorld(servers: readonly RunningServer[], master: RunningServer): Promise<GatewayWorld> {
  const members = servers.map(({ url }, index) => ({
    id: index === 0 ? 'master' : `worker-${index}`,
    ...{ url, sharesInput: index === 0 },
  }));
  return GatewayWorld.open(members, { home: master.directories });
}

async function checkpointOf(url: string, kind: ServerKind): Promise<string> {
  const { json } = await call(`${url}/object_info/CheckpointLoaderSimple`);
  const combo = at(json, 'CheckpointLoaderSimple', 'input', 'required', 'ckpt_name');
  const names = [...list(at(combo, 0)), ...list(at(combo, 1, 'options'))].map(String);
  const found = kind.simulated ? names[0] : names.find((name) => /tiny/i.test(name));
  if (found === undefined) throw new Error(`There is no tiny checkpoint on ${kind.label}: put one there.`);
  return found;
}

let seed = 1_000;

function textToImage(checkpoint: string, distributed: boolean): Prompt {
  seed += 100;
  return {
    '1': node('CheckpointLoaderSimple', { ckpt_name: checkpoint }),
    '2': node('CLIPTextEncode', { clip: ['1', 1], text: 'a tree' }),
    '3': node('CLIPTextEncode', { clip: ['1', 1], text: '' }),
    '4': node('EmptyLatentImage', { width: 128, height: 128, batch_size: 1 }),
    '5': node('KSampler', {
      ...{ model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: ['4', 0] },
      ...{ steps: 3, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 },
      seed: distributed ? ['10', 0] : seed,
    }),
    '6': node('VAEDecode', { samples: ['5', 0], vae: ['1', 2] }),
    '7': node('SaveImage', { images: [distributed ? '11' : '6', 0], filename_prefix: 'client' }),
    ...(distributed
      ? {
          '10': node('DistributedSeed', { seed }),
          '11': node('DistributedCollector', { images: ['6', 0], load_balance: false }),
        }
      : {}),
  };
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

/** @returns how many different PNGs lie in the folder */
export async function differentPictures(folder: string): Promise<number> {
  const names = await readdir(folder);
  const files = await Promise.all(names.map((name) => readFile(path.join(folder, name))));
  return differentPngs(files);
}

/** @throws when one of them is no PNG */
export function differentPngs(files: readonly Uint8Array[]): number {
  for (const file of files) if (!PNG.equals(file.subarray(0, 4))) throw new Error('That is no PNG.');
  return new Set(files.map((file) => Buffer.from(file).toString('base64'))).size;
}
