import { createHash } from 'node:crypto';
import path from 'node:path';
import { EnsembleError } from '../../../../shared/errors.ts';
import { type ByteStream, chunksOf } from './byte-stream.ts';
import type { ArtifactFiles, NewFile } from './files.ts';
import { extensionOf } from './names.ts';
import { isJpeg, MOST_HEAD_BYTES, type Picture, pictureOf, SHORT_HEAD_BYTES } from './picture.ts';
import { storageError } from './storage-errors.ts';

/** Who sends what, for the words of errors and the check of the content. */
export interface Sender {
  readonly instanceName: string;
  readonly sourceName: string;
  /** null when the server did not say. */
  readonly expectedBytes: number | null;
}

export interface Received {
  readonly bytes: number;
  readonly sha256: string;
  /** null for what is no picture. */
  readonly picture: Picture | null;
  /** Resolves once the content is on the disk itself; rejects with EnsembleError. */
  readonly durable: Promise<void>;
}

/** A file by one of these names is shown as a picture. */
const PICTURES = new Set(['jpg', 'jpeg', 'webp', 'gif']);

/**
 * Writes a stream to a new file, unmodified, and learns on the way what it is. Memory is bounded by one chunk and the head.
 * @throws EnsembleError('disconnected' | 'unavailable') for a file that is cut off or not what its name says,
 *   EnsembleError('disk-full' | 'internal') for our disk; what the stream throws, or the signal's reason, as it is.
 *   The file is removed then.
 */
export async function receive(
  sender: Sender,
  stream: ByteStream,
  file: string,
  files: ArtifactFiles,
  signal: AbortSignal | undefined,
): Promise<Received> {
  const target = await ours(file, files.create(file));
  try {
    const { bytes, sha256, head } = await pour(stream, target, file, sender, signal);
    const picture = checked(sender, bytes, head);
    const durable = ours(
      file,
      target.sync().finally(() => target.close()),
    );
    // Awaited later; until then its failure must not count as unhandled.
    durable.catch(() => undefined);
    return { bytes, sha256, picture, durable };
  } catch (error) {
    await target.close().catch(() => undefined);
    await files.remove(file).catch(() => undefined);
    throw error;
  }
}

async function pour(
  stream: ByteStream,
  target: NewFile,
  file: string,
  sender: Sender,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: number; readonly sha256: string; readonly head: Uint8Array }> {
  const hash = createHash('sha256');
  const head = new Head();
  let bytes = 0;
  for await (const chunk of chunksOf(stream, signal)) {
    bytes += chunk.length;
    if (sender.expectedBytes !== null && bytes > sender.expectedBytes) {
      throw wrong(sender, `is longer than the ${sender.expectedBytes} bytes that were announced`);
    }
    hash.update(chunk);
    head.take(chunk);
    await ours(file, target.write(chunk));
  }
  return { bytes, sha256: hash.digest('hex'), head: head.bytes() };
}

function checked(sender: Sender, bytes: number, head: Uint8Array): Picture | null {
  const { expectedBytes, instanceName, sourceName } = sender;
  if (expectedBytes !== null && bytes < expectedBytes) {
    const message = `${instanceName} sent only ${bytes} of the ${expectedBytes} bytes of ${sourceName}.`;
    throw new EnsembleError('disconnected', message);
  }
  const picture = pictureOf(head);
  const extension = extensionOf(sourceName);
  if (extension === 'png' && (picture?.format !== 'png' || picture.size === null)) {
    throw wrong(sender, 'is not a PNG picture');
  }
  if (PICTURES.has(extension) && picture === null) throw wrong(sender, 'is not a picture');
  return picture;
}

function wrong({ instanceName, sourceName }: Sender, what: string): EnsembleError {
  return new EnsembleError('unavailable', `${instanceName} sent ${sourceName}, which ${what}.`);
}

/** Tells the failures of our disk from those of the worker. People know the folder above the one for files aside. */
async function ours<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storageError(error, path.dirname(path.dirname(file)));
  }
}

/** The first bytes: few, or many where the size of a picture comes late. */
class Head {
  #bytes: Buffer = Buffer.alloc(0);

  take(chunk: Uint8Array): void {
    const most = this.#bytes.length < 3 || isJpeg(this.#bytes) ? MOST_HEAD_BYTES : SHORT_HEAD_BYTES;
    const missing = most - this.#bytes.length;
    // A copy: the chunk may be a slice of a far larger pool.
    if (missing > 0) this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, missing)]);
  }

  bytes(): Uint8Array {
    return this.#bytes;
  }
}
