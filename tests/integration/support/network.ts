import { execFileSync } from 'node:child_process';
import { BlackHole } from '../../unit/comfy/black-hole.ts';

/** A link to another machine that can be cut without either side being told. */
export interface Link {
  /** Where the agent listens: an address, or all of them. */
  readonly listen: string;
  /** What runs a program on the other machine; empty where that is this one. */
  readonly prefix: readonly string[];
  /** Once the agent listens there: where it is reached. */
  reach(port: number): Promise<{ readonly host: string; readonly port: number }>;
  /** Packets are dropped from now on; connections stay open. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

let count = 0;

/** Two network namespaces where we may make them: the kernel's own packets, and none of them arrives. */
export function namespaces(): Link | null {
  count += 1;
  const name = `ens-${process.pid % 10_000}-${count}`;
  const [near, far] = [`en${process.pid % 10_000}a${count}`, `en${process.pid % 10_000}b${count}`];
  const net = `10.${64 + (process.pid % 128)}.${count}`;
  const inside = ['netns', 'exec', name] as const;
  try {
    ip('netns', 'add', name);
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name);
    ip('addr', 'add', `${net}.1/30`, 'dev', near);
    ip('link', 'set', near, 'up');
    ip(...inside, 'ip', 'addr', 'add', `${net}.2/30`, 'dev', far);
    ip(...inside, 'ip', 'link', 'set', far, 'up');
    ip(...inside, 'ip', 'link', 'set', 'lo', 'up');
  } catch {
    quietly('link', 'del', near);
    quietly('netns', 'del', name);
    return null;
  }
  return {
    listen: '0.0.0.0',
    prefix: ['ip', ...inside],
    reach: async (port) => ({ host: `${net}.2`, port }),
    cut: () => ip(...inside, 'ip', 'route', 'add', 'blackhole', `${net}.1/32`),
    mend: () => ip(...inside, 'ip', 'route', 'del', 'blackhole', `${net}.1/32`),
    close: async () => {
      quietly('link', 'del', near);
      quietly('netns', 'del', name);
    },
  };
}

/** Without the right to that: a relay that stops reading and writing and closes nothing. It still takes connections. */
export function relay(): Link {
  let hole: BlackHole | null = null;
  return {
    listen: '127.0.0.1',
    prefix: [],
    reach: async (port) => {
      hole ??= await BlackHole.before(port);
      return { host: '127.0.0.1', port: Number(new URL(hole.url).port) };
    },
    cut: () => hole?.swallow(),
    mend: () => hole?.restore(),
    close: async () => hole?.close(),
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function quietly(...args: readonly string[]): void {
  try {
    ip(...args);
  } catch {
    // It was never made.
  }
}
