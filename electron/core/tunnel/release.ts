import { z } from 'zod';
import { EnsembleError } from '../../../shared/errors.ts';

/** Reads what GitHub tells about a release of cloudflared. Pure. */

export interface ReleaseFile {
  readonly version: string;
  readonly name: string;
  readonly url: string;
  /** Bytes; null when it is not told. */
  readonly size: number | null;
  /** As the release publishes it, hexadecimal, lower case. */
  readonly sha256: string;
}

const releaseSchema = z.object({
  tag_name: z.string().min(1).max(100),
  body: z.string().nullish(),
  assets: z.array(
    z.object({
      name: z.string(),
      browser_download_url: z.url(),
      size: z.int().positive().nullish(),
      digest: z.string().nullish(),
    }),
  ),
});

const FILES: Readonly<Record<string, string>> = {
  'linux x64': 'cloudflared-linux-amd64',
  'linux arm64': 'cloudflared-linux-arm64',
  'linux arm': 'cloudflared-linux-arm',
  'linux ia32': 'cloudflared-linux-386',
  'darwin x64': 'cloudflared-darwin-amd64.tgz',
  'darwin arm64': 'cloudflared-darwin-arm64.tgz',
  'win32 x64': 'cloudflared-windows-amd64.exe',
  // Windows runs the other kind too.
  'win32 arm64': 'cloudflared-windows-amd64.exe',
  'win32 ia32': 'cloudflared-windows-386.exe',
};
const BY_HAND = 'Install cloudflared yourself and name it in Settings, “Tunnel”.';

/** @throws EnsembleError('unavailable') where Cloudflare publishes none */
export function fileNameFor(platform: string, arch: string): string {
  const name = FILES[`${platform} ${arch}`];
  if (name !== undefined) return name;
  throw new EnsembleError(
    'unavailable',
    `Cloudflare publishes no cloudflared for ${platform} on ${arch}.`,
    BY_HAND,
  );
}

/** @throws EnsembleError('unavailable') when it is no release, or lacks the file or its checksum */
export function releaseFileOf(answer: unknown, name: string): ReleaseFile {
  const reading = releaseSchema.safeParse(answer);
  if (!reading.success) {
    throw new EnsembleError('unavailable', 'What GitHub told about cloudflared was no release.', BY_HAND);
  }
  const { tag_name: version, assets, body } = reading.data;
  const asset = assets.find((one) => one.name === name);
  if (asset === undefined) {
    throw new EnsembleError('unavailable', `Release ${version} of cloudflared has no ${name}.`, BY_HAND);
  }
  const sha256 = digestOf(asset.digest) ?? notedSum(body ?? '', name);
  if (sha256 === null) {
    throw new EnsembleError(
      'unavailable',
      `Release ${version} of cloudflared publishes no checksum of ${name}, so that it cannot be checked.`,
      BY_HAND,
    );
  }
  return { version, name, url: asset.browser_download_url, size: asset.size ?? null, sha256 };
}

/** GitHub's own, of the very file that it hands out. */
function digestOf(digest: string | null | undefined): string | null {
  return /^sha256:([0-9a-f]{64})$/i.exec(digest ?? '')?.[1]?.toLowerCase() ?? null;
}

/** Older releases have it in their notes alone: "cloudflared-linux-amd64: <sum>". */
function notedSum(notes: string, name: string): string | null {
  for (const line of notes.split(/\r?\n/)) {
    const [, file, sum] = /^\s*(\S+):\s+([0-9a-f]{64})\s*$/i.exec(line) ?? [];
    if (file === name && sum !== undefined) return sum.toLowerCase();
  }
  return null;
}
