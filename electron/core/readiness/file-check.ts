import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ComfyHttp } from '../comfy/http.ts';
import type { Clock } from '../ports.ts';

/** Sends a file and fetches it back: what every run does with its inputs and results. */

const FOLDER = 'ensemble-check';
/** A larger file measures a fast line better; a slow one is told by the first. */
const SIZES = [64 * 1024, 1024 * 1024, 8 * 1024 * 1024] as const;
/** A transfer that took longer than this is measured well enough, ms. */
const ENOUGH_MS = 150;

export interface FileCheck {
  /** null when it came back the same; else what is wrong, in words. */
  readonly problem: string | null;
  /** Bytes per second. */
  readonly uploadRate: number;
  readonly downloadRate: number;
}

/**
 * @param owner whose checks replace each other's file, so that they leave one behind, whatever their number; two that check
 *   at once must not be called the same
 * @param measures false: whether files get through is all that is asked, and a small one will do
 * @throws EnsembleError of the transfers
 */
export async function checkFile(
  http: ComfyHttp,
  clock: Clock,
  signal: AbortSignal,
  owner: string,
  measures: boolean,
): Promise<FileCheck> {
  let last: FileCheck = { problem: null, uploadRate: 0, downloadRate: 0 };
  for (const size of measures ? SIZES : SIZES.slice(0, 1)) {
    const bytes = randomBytes(size);
    const sent = clock.now();
    const file = await http.upload(
      {
        source: () => Readable.from([bytes]),
        bytes: size,
        name: `ensemble-check-${owner}.bin`,
        subfolder: FOLDER,
        type: 'input',
        overwrite: true,
      },
      { signal },
    );
    const stored = clock.now();
    const back = await http.file(file, signal);
    const fetched = clock.now();
    const problem = difference(bytes, back);
    last = {
      problem,
      uploadRate: rate(size, stored - sent),
      downloadRate: rate(size, fetched - stored),
    };
    if (problem !== null || fetched - sent > ENOUGH_MS) break;
  }
  return last;
}

function difference(sent: Buffer, back: Buffer): string | null {
  if (sent.equals(back)) return null;
  if (sent.length === back.length) return 'The file came back with other bytes in it.';
  return `Of ${sent.length} bytes ${back.length} came back.`;
}

function rate(bytes: number, ms: number): number {
  return Math.round((bytes / Math.max(1, ms)) * 1000);
}
