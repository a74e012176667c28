import path from 'node:path';
import type { FlagValues } from './flags.ts';

/** What the flags mean to the server. Directories are absolute. */
export interface ServerOptions {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly directories: {
    readonly input: string;
    readonly output: string;
    readonly temp: string;
    readonly user: string;
  };
  /** Holds the page of ComfyUI; null = there is none to show. */
  readonly frontEndRoot: string | null;
  readonly cpu: boolean;
  readonly cudaDevice: string | null;
  readonly logStdout: boolean;
  readonly metadata: boolean;
  readonly previews: boolean;
  readonly cors: boolean;
  /** Bytes. */
  readonly maxUpload: number;
  readonly argv: readonly string[];
}

/** 0.3.64 and 0.33.0 alike: --base-directory moves the folders, --temp-directory X means X/temp. */
export function readOptions(values: FlagValues, argv: readonly string[], cwd: string): ServerOptions {
  const one = (flag: string): string | undefined => values.get(flag)?.[0];
  const base = path.resolve(cwd, one('--base-directory') ?? '.');
  const folder = (flag: string, name: string): string => {
    const given = one(flag);
    return given === undefined ? path.join(base, name) : path.resolve(cwd, given);
  };
  const tempParent = one('--temp-directory');
  const frontEnd = one('--front-end-root');
  const listen = values.has('--listen') ? (one('--listen') ?? '0.0.0.0,::') : '127.0.0.1';
  return {
    addresses: listen.split(','),
    port: Number(one('--port') ?? 8188),
    directories: {
      input: folder('--input-directory', 'input'),
      output: folder('--output-directory', 'output'),
      temp:
        tempParent === undefined ? path.join(base, 'temp') : path.join(path.resolve(cwd, tempParent), 'temp'),
      user: folder('--user-directory', 'user'),
    },
    frontEndRoot: frontEnd === undefined ? null : path.resolve(cwd, frontEnd),
    cpu: values.has('--cpu'),
    cudaDevice: one('--cuda-device') ?? null,
    logStdout: values.has('--log-stdout'),
    metadata: !values.has('--disable-metadata'),
    previews: (one('--preview-method') ?? 'none') !== 'none',
    cors: values.has('--enable-cors-header'),
    maxUpload: Number(one('--max-upload-size') ?? 100) * 1024 * 1024,
    argv: ['main.py', ...argv],
  };
}
