import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the stand-in does in one life; nothing given: all goes well. */
export interface Life {
  /** Before it has a name, ms. */
  readonly startMs?: number;
  /** Before it has a connection, ms. */
  readonly connectMs?: number;
  readonly fail?:
    | 'at-once'
    | 'garbage'
    | 'old'
    | 'unreachable'
    | 'rate-limited'
    | 'not-json'
    | 'bad-token'
    | 'unauthorized';
  readonly never?: boolean;
  readonly lose?: { readonly afterMs: number; readonly forMs?: number };
  readonly end?: { readonly afterMs: number; readonly code?: number };
  /** From before /quicktunnel. */
  readonly olderMetrics?: boolean;
  /** Does not hear SIGINT. */
  readonly deaf?: boolean;
}

export interface Script {
  readonly host?: string;
  /** Where the world comes in, on this machine. */
  readonly edgePort?: number;
  /** Where a named tunnel leads, as set at Cloudflare. */
  readonly service?: string;
  /** In order; the last one goes for all that follow. */
  readonly lives?: readonly Life[];
  /** What --version prints. */
  readonly version?: string;
}

export interface LifeRecord {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly token: string | null;
  readonly variables: readonly string[];
}

export interface StandIn {
  readonly program: string;
  rewrite(script: Script): void;
  /** Everyone that has been started so far. */
  readonly lives: readonly LifeRecord[];
}

const STAND_IN = fileURLToPath(new URL('./stand-in.mjs', import.meta.url));

/** Puts an executable "cloudflared" into a folder. */
export function installStandIn(directory: string, script: Script = {}): StandIn {
  mkdirSync(directory, { recursive: true });
  const program = path.join(directory, 'cloudflared');
  writeFileSync(program, `#!${process.execPath}\nimport(${JSON.stringify(STAND_IN)});\n`, { mode: 0o755 });
  const rewrite = (next: Script): void =>
    writeFileSync(path.join(directory, 'script.json'), JSON.stringify(next));
  rewrite(script);
  return {
    program,
    rewrite,
    get lives() {
      return readLives(path.join(directory, 'lives.jsonl'));
    },
  };
}

function readLives(file: string): readonly LifeRecord[] {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as LifeRecord);
  } catch {
    return [];
  }
}
