import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { changedFailure } from '../comfy/transfer-failures.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * The content of a file, which breaks off before its end when it is not what its name on the server will say: a file that
 * changes on its way must not lie there under the old content's name.
 * @param digest SHA-256, hex
 */
export function checkedSource(file: string, digest: string): Readable {
  return Readable.from(read(file, digest), { objectMode: false, highWaterMark: CHUNK_BYTES });
}

async function* read(file: string, digest: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let last: Buffer | null = null;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    if (last !== null) yield last;
    hash.update(chunk);
    last = chunk;
  }
  if (hash.digest('hex') !== digest) throw changedFailure(path.basename(file));
  if (last !== null) yield last;
}
