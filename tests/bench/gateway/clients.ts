import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'undici';
import { WebSocket } from 'ws';
import { WORKFLOW } from '../distribution/controller/bench-world.ts';
import { Workers } from '../distribution/controller/workers.ts';
import type { Report } from '../support/report.ts';
import { quantile } from '../support/report.ts';
import { GatewayProcess } from './gateway-process.ts';

const CLIENTS = 50;
const PER_SECOND = 20;
const SECONDS = 6;
const ROUNDS = 5;

/** Each client has a prompt of its own on a worker of its own that talks: all that it says reaches its client. */
export async function measureClients(report: Report): Promise<void> {
  const workers = await Workers.start({
    ...{ count: CLIENTS + 1, side: 64, computeMs: null, messagesPerSecond: PER_SECOND },
  });
  const gateway = await GatewayProcess.start({ urls: workers.urls, history: 0 });
  const heard = { count: 0 };
  const clients: WebSocket[] = [];
  for (let index = 0; index < CLIENTS; index += 1) clients.push(await talk(gateway.url, heard));
  await allRun(gateway.url);
  const core: number[] = [];
  const rate: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [before, begun] = [await gateway.usage(), performance.now()];
    heard.count = 0;
    await pause(SECONDS * 1000);
    const ms = performance.now() - begun;
    core.push((((await gateway.usage()).cpuMs - before.cpuMs) / ms) * 100);
    rate.push((heard.count / ms) * 1000);
  }
  report.atLeast(`messages that ${CLIENTS} clients got`, quantile(rate, 0.5), 850, '/s');
  report.atMost(`${CLIENTS} clients × ${PER_SECOND} messages/s`, quantile(core, 0.5), 25, '% of a core');
  report.tell('memory of the gateway meanwhile', (await gateway.usage()).rssMiB, 'MiB');
  for (const client of clients) client.terminate();
  await workers.stop();
  await gateway.stop();
}

async function talk(url: string, heard: { count: number }): Promise<WebSocket> {
  const clientId = randomUUID();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=${clientId}`);
  socket.on('message', () => {
    heard.count += 1;
  });
  await once(socket, 'open');
  const { body, statusCode } = await request(`${url}/prompt`, {
    method: 'POST',
    body: JSON.stringify({ prompt: JSON.parse(WORKFLOW), client_id: clientId }),
  });
  if (statusCode !== 200) throw new Error(await body.text());
  await body.dump();
  return socket;
}

async function allRun(url: string): Promise<void> {
  for (;;) {
    const { body } = await request(`${url}/queue`);
    const { queue_running: running } = (await body.json()) as { readonly queue_running: readonly unknown[] };
    if (running.length === CLIENTS) return;
    await pause(100);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
