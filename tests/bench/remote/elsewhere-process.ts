import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { monotonicMs } from '../distribution/controller/protocol.ts';
import { Elsewhere } from './elsewhere.ts';

type Told =
  | { readonly kind: 'ready'; readonly ports: readonly number[] }
  | { readonly kind: 'probes'; readonly at: readonly number[] };
type Order = 'cut' | 'restore' | 'probes';

/** Many servers elsewhere in a process of their own. */
export class ElsewhereProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly ports: readonly number[],
  ) {}

  static async start(count: number): Promise<ElsewhereProcess> {
    const child = fork(process.argv[1] ?? '', ['elsewhere', String(count)]);
    const [told] = (await once(child, 'message')) as [Told];
    if (told.kind !== 'ready') throw new Error(`the servers said ${told.kind}`);
    return new ElsewhereProcess(child, told.ports);
  }

  order(order: 'cut' | 'restore'): void {
    this.child.send(order satisfies Order);
  }

  /** When it was asked something since the last call, ms on the clock that all processes share. */
  async probes(): Promise<readonly number[]> {
    this.child.send('probes' satisfies Order);
    const [told] = (await once(this.child, 'message')) as [Told];
    if (told.kind !== 'probes') throw new Error(`the servers said ${told.kind}`);
    return told.at;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

/** @returns false when this process has no role */
export function playElsewhere([role, count = '']: readonly string[]): boolean {
  if (role !== 'elsewhere') return false;
  void serve(Number(count));
  return true;
}

/** It ends with the benchmark that began it. */
async function serve(count: number): Promise<void> {
  process.once('disconnect', () => process.exit());
  let at: number[] = [];
  const servers = Array.from({ length: count }, () => new Elsewhere(() => at.push(monotonicMs())));
  const ports = await Promise.all(servers.map((server) => server.listen()));
  process.on('message', (order: Order) => {
    if (order === 'probes') {
      process.send?.({ kind: 'probes', at } satisfies Told);
      at = [];
      return;
    }
    for (const server of servers) server[order]();
  });
  process.send?.({ kind: 'ready', ports } satisfies Told);
}
