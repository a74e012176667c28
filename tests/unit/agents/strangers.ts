import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificate } from '../../../electron/core/agent-side/certificate.ts';
import { endAfterTest } from './agent-world.ts';

/** Who else may answer where a master looks for an agent. */

export const HOST = '127.0.0.1';

/** A man in the middle: his own certificate, everything else passed on. */
export async function relay(port: number): Promise<number> {
  const { key, certificate } = await createCertificate('between');
  const server = createServer({ key, cert: certificate }, (incoming, response) => {
    const { method, url, headers } = incoming;
    const onward = request(
      { host: HOST, port, method, path: url, headers, rejectUnauthorized: false },
      (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(response);
      },
    );
    incoming.pipe(onward);
  });
  return listening(server);
}

export async function answering(answer: (url: string) => unknown): Promise<number> {
  const { key, certificate } = await createCertificate('other');
  const server = createServer({ key, cert: certificate }, (incoming, response) => {
    incoming.resume();
    response.end(JSON.stringify(answer(incoming.url ?? '')));
  });
  return listening(server);
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  endAfterTest(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export function statusOf(port: number, url: string, body: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: HOST, port, method: 'POST', path: url, rejectUnauthorized: false },
        headers: { 'content-type': 'application/json' },
      },
      (reply) => {
        reply.resume();
        reply.once('end', () => resolve(reply.statusCode ?? 0));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}
