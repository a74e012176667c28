import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'undici';
import { WebSocket } from 'ws';
import { WORKFLOW } from './bench-world.ts';
import { coreShare, type Messages, type MessagesSize } from './messages.ts';
import { Workers } from './workers.ts';

/** The same sockets and messages with nobody behind them but a JSON parser: what no controller on Node can go below. */
export async function measureBareMessages(size: MessagesSize): Promise<Messages> {
  const workers = await Workers.start({
    ...{ count: size.workers, side: 64, computeMs: null, messagesPerSecond: size.perSecond },
  });
  let bytes = 0;
  const sockets = await Promise.all(
    workers.urls.map((url) =>
      talkTo(url, (text) => {
        bytes += Object.keys(JSON.parse(text) as object).length;
      }),
    ),
  );
  const figures = await coreShare(workers, size);
  for (const socket of sockets) socket.terminate();
  await workers.stop();
  if (bytes === 0) throw new Error('no message came');
  return figures;
}

async function talkTo(url: string, heard: (text: string) => void): Promise<WebSocket> {
  const clientId = randomUUID();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=${clientId}`, {
    perMessageDeflate: false,
  });
  socket.on('message', (data) => heard(String(data)));
  await once(socket, 'open');
  const { body } = await request(`${url}/prompt`, {
    method: 'POST',
    body: JSON.stringify({ prompt: JSON.parse(WORKFLOW), prompt_id: randomUUID(), client_id: clientId }),
  });
  await body.dump();
  return socket;
}
