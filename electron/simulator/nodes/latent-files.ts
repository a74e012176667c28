import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PythonError } from '../graph/python-text.ts';
import { isRecord, type Latent } from '../graph/values.ts';
import type { ServerOptions } from '../options.ts';
import type { NodeContext } from './definition.ts';
import { inputPath, metadataOf, type SavedFile, saveTarget } from './files.ts';
import { emptyLatent } from './latents.ts';

/** Latents as safetensors: zeros where the numbers would be, and the simulator's recipe among the metadata. */

const RECIPE = 'simulated_latent';

export async function saveLatent(latent: Latent, prefix: string, context: NodeContext): Promise<SavedFile> {
  const target = saveTarget(context.options.directories.output, prefix, 0, 0);
  const filename = `${target.name}_${String(target.counter).padStart(5, '0')}_.latent`;
  await writeFile(path.join(target.folder, filename), encode(latent, metadataOf(context)));
  return { filename, subfolder: target.subfolder, type: 'output' };
}

export function loadLatent(options: ServerOptions, annotated: string): Latent {
  const file = inputPath(options, annotated);
  try {
    return decode(readFileSync(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PythonError('safetensors_rust.SafetensorError', `Error while deserializing ${file}: ${reason}`);
  }
}

function encode(latent: Latent, metadata: Readonly<Record<string, string>>): Buffer {
  const shape = [latent.samples.length, 4, latent.height / 8, latent.width / 8];
  const size = shape.reduce((product, side) => product * side, 4);
  // 0.3.64 and 0.33.0: the file holds the numbers alone, neither positions nor masks.
  const recipe = JSON.stringify({ ...latent, batchIndex: null, noiseMask: null }, (_, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  );
  const header = JSON.stringify({
    __metadata__: { ...metadata, [RECIPE]: recipe },
    latent_tensor: { dtype: 'F32', shape, data_offsets: [0, size] },
    latent_format_version_0: { dtype: 'F32', shape: [0], data_offsets: [size, size] },
  });
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(size)]);
}

function decode(bytes: Buffer): Latent {
  const length = Number(bytes.readBigUInt64LE());
  const header: unknown = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  if (!isRecord(header)) throw new Error('InvalidHeader');
  const metadata = header['__metadata__'];
  const recipe = isRecord(metadata) ? metadata[RECIPE] : undefined;
  if (typeof recipe === 'string') return JSON.parse(recipe, revive);
  const tensor = header['latent_tensor'];
  const shape = isRecord(tensor) && Array.isArray(tensor['shape']) ? tensor['shape'].map(Number) : [];
  const [count = 1, , height = 8, width = 8] = shape;
  return emptyLatent(width * 8, height * 8, count);
}

function revive(_key: string, value: unknown): unknown {
  if (!isRecord(value) || typeof value['base64'] !== 'string') return value;
  return Uint8Array.from(Buffer.from(value['base64'], 'base64'));
}
