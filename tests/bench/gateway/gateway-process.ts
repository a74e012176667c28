import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { JobStore } from '../../../electron/core/gateway/jobs/job-store.ts';
import { systemClock } from '../../../electron/core/ports.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import { GatewayWorld } from '../../support/gateway-world.ts';
import { WORKFLOW } from '../distribution/controller/bench-world.ts';
import { PICTURE_BYTES } from './plain-master.ts';

export interface GatewaySetting {
  /** The first is the master. */
  readonly urls: readonly string[];
  /** Finished prompts that it remembers. */
  readonly history: number;
}

export const PICTURE = { filename: 'picture.png', subfolder: 'bench' };

type Said = { readonly url: string } | { readonly cpuMs: number; readonly rssMiB: number };

/** A gateway with the whole run service behind it, in a process of its own. */
export class GatewayProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(setting: GatewaySetting): Promise<GatewayProcess> {
    const child = fork(process.argv[1] ?? '', ['gateway', JSON.stringify(setting)]);
    const [said] = (await once(child, 'message')) as [{ readonly url: string }];
    return new GatewayProcess(child, said.url);
  }

  /** Processor time since it began, ms. */
  async usage(): Promise<{ readonly cpuMs: number; readonly rssMiB: number }> {
    const answer = once(this.child, 'message') as Promise<
      [{ readonly cpuMs: number; readonly rssMiB: number }]
    >;
    this.child.send('usage');
    const [said] = await answer;
    return said;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.send('stop');
    await exited;
  }
}

/** The role of that process. */
export async function serveGateway({ urls, history }: GatewaySetting): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ensemble-bench-gateway-'));
  if (history > 0) remember(directory, history);
  const folder = path.join(directory, 'output', PICTURE.subfolder);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, PICTURE.filename), randomBytes(PICTURE_BYTES));
  const servers = urls.map((url, index) => ({ id: index === 0 ? MASTER_ID : `worker-${index}`, url }));
  const world = await GatewayWorld.open(servers, { directory });
  const tell = (said: Said): void => void process.send?.(said);
  const stop = (): void => void world.close().finally(() => process.exit());
  process.once('disconnect', stop);
  process.on('message', (asked: 'usage' | 'stop') => {
    if (asked === 'stop') {
      stop();
      return;
    }
    const { user, system } = process.cpuUsage();
    tell({ cpuMs: (user + system) / 1000, rssMiB: process.memoryUsage.rss() / 2 ** 20 });
  });
  tell({ url: world.url });
}

/** What a fleet that has been used for long has behind it. */
function remember(directory: string, count: number): void {
  const store = JobStore.open(path.join(directory, 'gateway.db'), systemClock);
  const prompt = JSON.stringify(JSON.parse(WORKFLOW));
  for (let number = 0; number < count; number += 1) {
    const [runId, promptId] = [`run-${number}`, randomUUID()];
    const at = 1_700_000_000_000 + number * 1000;
    store.add({
      ...{ runId, promptId, number, clientId: 'bench', caller: 'bench', createdAt: at, prompt },
      ...{ extraData: JSON.stringify({ client_id: 'bench', create_time: at }), outputs: '["7"]' },
    });
    store.finished.end(runId, promptId, endingAt(promptId, number, at));
  }
  store.close();
}

function endingAt(
  promptId: string,
  number: number,
  at: number,
): { readonly endedAt: number; readonly ending: string; readonly summary: string } {
  const image = { filename: `picture_${number}_.png`, subfolder: '', type: 'output' };
  const about = { prompt_id: promptId, timestamp: at };
  const messages = ['execution_start', 'execution_cached', 'execution_success'].map((name) => [name, about]);
  const entry = {
    outputs: { '7': { images: [image] } },
    meta: { '7': { node_id: '7', display_node: '7', parent_node: null, real_node_id: '7' } },
    status: { status_str: 'success', completed: true, messages },
  };
  const line = {
    ...{ id: promptId, status: 'completed', priority: number, create_time: at, outputs_count: 1 },
    ...{ execution_start_time: at, execution_end_time: at + 800, previewable_outputs_count: 1 },
    preview_output: { ...image, nodeId: '7', mediaType: 'images' },
  };
  return { endedAt: at, ending: JSON.stringify(entry), summary: JSON.stringify(line) };
}
