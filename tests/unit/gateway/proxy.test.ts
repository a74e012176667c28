import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { passOn } from '../../../electron/core/gateway/http/proxy.ts';
import { silentLogger } from '../../../electron/core/ports.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it('lets a client read the answer to an upload that was refused before its end', async () => {
  const refusing = createServer((request, response) => {
    request.resume();
    // As aiohttp does: the answer at once, the end of the connection when the rest is here.
    response.writeHead(413, { 'content-type': 'text/plain', 'content-length': 'too large'.length });
    response.write('too large');
    request.once('close', () => response.end());
  });
  const url = `http://127.0.0.1:${await listening(refusing)}`;
  const gateway = createServer((request, response) => {
    void passOn(request, response, { url, name: 'Master' }, '/upload/image', silentLogger);
  });
  const client = connect(await listening(gateway), '127.0.0.1');
  const failures: Error[] = [];
  client.on('error', (error) => failures.push(error));
  const half = Buffer.alloc(2 * 1_048_576);
  const head = `POST /upload/image HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${2 * half.length}\r\n\r\n`;
  client.write(head);
  client.write(half);
  let answer = '';
  client.setEncoding('latin1').on('data', (text) => {
    answer += String(text);
  });
  while (!answer.includes('\r\n\r\n')) await once(client, 'data');
  // A connection that had been ended by now would answer these bytes with a reset.
  client.write(half);
  await once(client, 'close');
  expect(failures).toEqual([]);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});
