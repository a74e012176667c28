import { connect } from 'node:net';
import type { Seeded } from './seeded.ts';

/** What no client library would send: written to the socket as it is. */

/** @returns one exchange; several pieces go out one by one */
export function rawExchange(chance: Seeded, port: number, path: string): readonly Buffer[] {
  const host = `Host: 127.0.0.1:${port}`;
  const get = `GET ${path} HTTP/1.1\r\n${host}\r\n`;
  const post = `POST /prompt HTTP/1.1\r\n${host}\r\nContent-Type: application/json\r\n`;
  const upgrade = `${get.replace(path, '/ws?clientId=fuzz')}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`;
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  const noise = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => chance.below(256)));
  const texts = (...all: readonly string[]): readonly Buffer[] =>
    all.map((text) => Buffer.from(text, 'latin1'));
  return chance.pick<() => readonly Buffer[]>([
    () => [noise(1 + chance.below(200))],
    () => texts(`${get}\r\n`),
    () =>
      texts(
        `${chance.pick(['FOO', 'get', 'CONNECT', 'TRACE', 'PRI', ''])} ${path} HTTP/1.1\r\n${host}\r\n\r\n`,
      ),
    () => texts(`GET ${path} HTTP/${chance.pick(['0.9', '1.0', '2.0', '9.9', 'x'])}\r\n${host}\r\n\r\n`),
    () => texts(`GET ${path}\r\n\r\n`),
    () => texts(`GET http://example.org${path} HTTP/1.1\r\n${host}\r\n\r\n`),
    () => texts(`${get}Host: evil.example\r\n\r\n`),
    () =>
      texts(
        `GET ${path} HTTP/1.1\r\nHost: ${chance.pick(['', 'evil.example', '127.0.0.1', '[::1', '\x7f'])}\r\n\r\n`,
      ),
    () => texts(`${get}X: ${'a'.repeat(chance.pick([1_000, 20_000, 200_000]))}\r\n\r\n`),
    () =>
      texts(
        `${get}${Array.from({ length: chance.pick([100, 3_000]) }, (_, n) => `X-${n}: y\r\n`).join('')}\r\n`,
      ),
    () => texts(`${get}Bad Header\r\n: x\r\nX\x00Y: z\r\n\r\n`),
    () => texts(`${get} folded: yes\r\n\r\n`),
    () => texts(`${get.replaceAll('\r\n', '\n')}\n`),
    () =>
      texts(
        `${post}Content-Length: ${chance.pick(['-1', 'x', '1e3', '99999999999999999999', '0x10', '5, 6'])}\r\n\r\n{}`,
      ),
    () => texts(`${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`),
    () =>
      texts(
        `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
      ),
    () =>
      texts(
        `${post}Transfer-Encoding: ${chance.pick(['chunked, chunked', 'gzip', 'x chunked', 'chunked\x0b'])}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      ),
    () =>
      texts(
        `${post}Transfer-Encoding: chunked\r\n\r\n${chance.pick(['zz', 'ffffffffffffffff', '-1', '2;x="', ''])}\r\n{}\r\n0\r\n\r\n`,
      ),
    () =>
      texts(
        `${post}Transfer-Encoding: chunked\r\n\r\n`,
        ...'{"prompt":{}}'.split('').map((one) => `1\r\n${one}\r\n`),
        '0\r\n\r\n',
      ),
    () => texts(`${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`, '{}'),
    () => texts(`${post}Expect: nonsense\r\nContent-Length: 2\r\n\r\n{}`),
    () => texts(Array.from({ length: 20 }, () => `${get}\r\n`).join('')),
    () =>
      texts(
        `${get}Range: bytes=${chance.pick(['-', '0-0,1-1', '9-1', `-${'9'.repeat(30)}`, 'x'])}\r\nIf-None-Match: "\r\n\r\n`,
      ),
    () => texts(`${get}If-Modified-Since: ${chance.pick(['x', '-1', `${'9'.repeat(99)}`])}\r\n\r\n`),
    () => texts(`${upgrade}\r\n`),
    () => texts(`${upgrade}Sec-WebSocket-Key: short\r\n\r\n`),
    () => texts(`${upgrade.replace('13', '99')}${key}`),
    () => texts(`${upgrade.replace('/ws', path)}${key}`),
    () => texts(`${upgrade}Origin: http://evil.example\r\n${key}`),
    () => [...texts(`${upgrade}${key}`), noise(1 + chance.below(200))],
    () => [...texts(`${upgrade}${key}`), frame(1, noise(chance.below(100)))],
    () => [
      ...texts(`${upgrade}${key}`),
      frame(
        1,
        Buffer.from(
          chance.pick(['{', 'null', '[]', '{"type":"feature_flags"}', '{"type":"feature_flags","data":7}']),
        ),
      ),
    ],
    () => [
      ...texts(`${upgrade}${key}`),
      frame(chance.pick([0, 3, 8, 9, 10, 11, 15]), noise(chance.below(126))),
    ],
    () => [
      ...texts(`${upgrade}${key}`),
      Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ],
  ])();
}

/** One masked frame of a client. */
function frame(opcode: number, payload: Buffer): Buffer {
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 255];
  const mask = [1, 2, 3, 4];
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, ...mask]), masked]);
}

/**
 * Writes it, says that no more comes, and reads until the other side is done too.
 * @returns what came
 * @throws when the connection is still open after `limitMs`
 */
export function sendRaw(
  port: number,
  pieces: readonly Buffer[],
  limitMs: number,
  isHalf = false,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    const timer = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(`never closed: ${JSON.stringify(Buffer.concat(pieces).toString('latin1').slice(0, 300))}`),
      );
    }, limitMs);
    socket.on('data', (chunk) => chunks.push(chunk));
    // Being cut off is an answer as well.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    for (const piece of pieces) socket.write(piece);
    if (!isHalf) socket.end();
  });
}
