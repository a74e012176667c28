import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { launch, startServer } from '../servers.ts';
import type { Subject } from '../subject.ts';

/** Starts and ends of whole processes; Windows has other signals. */
export function lifecycleClaims(subject: () => Subject): void {
  const posix = it.skipIf(process.platform === 'win32');

  it('says where its page is once it serves', async () => {
    expect(await subject().server.log()).toContain('To see the GUI go to:');
  });

  it('exits with 1 when its port is taken, and leaves the other alone', async () => {
    const { kind, port } = subject().server;
    const second = await launch(kind, { port });
    try {
      expect(await second.ended).toEqual({ code: 1, signal: null });
    } finally {
      await second.stop();
    }
    expect((await subject().call('/prompt')).status).toBe(200);
  });

  it('exits with 2 and names a flag that it does not know', async () => {
    const server = await launch(subject().server.kind, { flags: ['--no-such-flag'] });
    try {
      expect(await server.ended).toEqual({ code: 2, signal: null });
      expect(await server.log()).toContain('unrecognized arguments: --no-such-flag');
    } finally {
      await server.stop();
    }
  });

  posix('clears temp on SIGINT and exits with 0, but not on SIGTERM', async () => {
    for (const [signal, end] of [
      ['SIGTERM', { code: null, signal: 'SIGTERM' }],
      ['SIGINT', { code: 0, signal: null }],
    ] as const) {
      const server = await startServer(subject().server.kind);
      const left = path.join(server.directories.temp, 'left.txt');
      await mkdir(server.directories.temp, { recursive: true });
      await writeFile(left, 'x');
      server.signal(signal);
      expect(await server.ended).toEqual(end);
      expect(existsSync(left)).toBe(signal === 'SIGTERM');
      await server.stop();
    }
  });
}
