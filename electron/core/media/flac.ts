import { EnsembleError } from '../../../shared/errors.ts';
import { FileReader } from './file-reader.ts';
import { damagedFailure, unreadableFile } from './media-failures.ts';

const STREAMINFO_BYTES = 34;

/**
 * How long a FLAC file plays, seconds, by what its header says; reads no more than that.
 * @throws EnsembleError that names the file
 */
export async function flacSeconds(file: string): Promise<number> {
  try {
    const reader = await FileReader.open(file);
    try {
      await skipTags(reader);
      const head = await reader.read(8 + STREAMINFO_BYTES);
      if (head?.toString('latin1', 0, 4) !== 'fLaC') throw damagedFailure(file, 'it is not a FLAC file');
      return secondsOf(file, head);
    } finally {
      await reader.close();
    }
  } catch (error) {
    throw error instanceof EnsembleError ? error : unreadableFile(file, error);
  }
}

/** Some programs put ID3 tags, which are not part of FLAC, in front. */
async function skipTags(reader: FileReader): Promise<void> {
  const head = await reader.read(Math.min(10, reader.left));
  if (head?.toString('latin1', 0, 3) === 'ID3' && head.length === 10) {
    const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + (head.readUInt8(at) & 127), 0);
    reader.skip(size);
  } else reader.rewind();
}

function secondsOf(file: string, head: Buffer): number {
  const isStreamInfo = (head.readUInt8(4) & 127) === 0 && head.readUIntBE(5, 3) === STREAMINFO_BYTES;
  const rate = head.readUIntBE(18, 3) >> 4;
  const samples = (head.readUInt8(21) & 15) * 2 ** 32 + head.readUInt32BE(22);
  if (!isStreamInfo || rate === 0) throw damagedFailure(file, 'its header is damaged');
  if (samples === 0) throw damagedFailure(file, 'it does not say how long it is');
  return samples / rate;
}
