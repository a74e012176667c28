import { stat } from 'node:fs/promises';
import type { ProgramSource, TunnelProgram } from '../../../shared/tunnel.ts';
import type { RunCommand } from '../programs/run-command.ts';
import { isExecutable, which } from '../programs/which.ts';

export interface FindDeps {
  /** Of the settings; null = none. */
  readonly configured: () => string | null;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Where a download goes. */
  readonly downloaded: string;
  /** Of what was downloaded, hexadecimal; null when nothing was, or nobody knows. */
  readonly checksum: () => Promise<string | null>;
  readonly run: RunCommand;
}

export type FoundProgram = Exclude<TunnelProgram, { readonly status: 'downloading' }>;

const VERSION_MS = 10_000;
const VERSION = /^cloudflared version (\S+)/m;

/** Looks for cloudflared. What a person named is never passed over in silence. */
export class ProgramFinder {
  /** The program does not change its version without changing its file. */
  readonly #versions = new Map<string, string>();

  constructor(private readonly deps: FindDeps) {}

  async find(): Promise<FoundProgram> {
    const { configured, environment, platform, downloaded } = this.deps;
    const setting = configured();
    if (setting !== null) return this.#named(setting, 'setting', 'Settings, “Tunnel”');
    const variable = environment['CLOUDFLARED_PATH'];
    if (variable) return this.#named(variable, 'environment', 'CLOUDFLARED_PATH');
    const onPath = await which('cloudflared', environment, platform);
    if (onPath !== null) return this.#check(onPath, 'path');
    if (await isExecutable(downloaded)) return this.#check(downloaded, 'downloaded');
    return {
      status: 'missing',
      reason: 'cloudflared, the program that carries the tunnel, was not found on this machine.',
      remedy: 'Download it in Settings, “Tunnel”, or install it yourself.',
    };
  }

  async #named(file: string, source: ProgramSource, where: string): Promise<FoundProgram> {
    const remedy = `Correct the path in ${where}, or take it out to use the one on PATH or a download.`;
    const kind = await stat(file).then(
      (stats) => (stats.isFile() ? 'file' : 'folder'),
      () => 'nothing',
    );
    if (kind === 'nothing') return unusable(`There is no ${file}, which ${where} names.`, remedy);
    if (kind === 'folder') return unusable(`${file}, which ${where} names, is no file.`, remedy);
    if (await isExecutable(file)) return this.#check(file, source);
    return unusable(`${file} may not be run.`, `Make it executable: chmod +x ${file}`);
  }

  async #check(file: string, source: ProgramSource): Promise<FoundProgram> {
    // One that vanishes at this moment will not tell its version either.
    const stats = await stat(file).catch(() => null);
    const key = `${file} ${stats?.mtimeMs} ${stats?.size}`;
    const version = this.#versions.get(key) ?? (await this.#versionOf(file));
    if (typeof version !== 'string') return version;
    this.#versions.set(key, version);
    const sha256 = source === 'downloaded' ? await this.deps.checksum() : null;
    return { status: 'found', path: file, source, version, sha256 };
  }

  async #versionOf(file: string): Promise<string | FoundProgram> {
    const line = { command: [file], environment: {} };
    const result = await this.deps.run(line, ['--version'], { timeoutMs: VERSION_MS });
    const version = VERSION.exec(result.stdout)?.[1];
    if (version !== undefined) return version;
    const remedy = 'Name another file in Settings, “Tunnel”, or download cloudflared there.';
    if (result.spawnError !== null) return unusable(`${file} cannot be run: ${result.spawnError}.`, remedy);
    if (result.timedOut) return unusable(`${file} does not tell its version.`, remedy);
    return unusable(`${file} is not cloudflared.`, remedy);
  }
}

function unusable(reason: string, remedy: string): FoundProgram {
  return { status: 'unusable', reason, remedy };
}
