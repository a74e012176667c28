import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../electron/core/ports.ts';
import { runCommand } from '../../../electron/core/programs/run-command.ts';
import {
  downloadProgram,
  notedChecksum,
  removeHalfDownloads,
} from '../../../electron/core/tunnel/download.ts';
import { web } from '../../../electron/core/tunnel/fetch-file.ts';
import { ProgramFinder } from '../../../electron/core/tunnel/find-program.ts';
import { ProgramKeeper } from '../../../electron/core/tunnel/program.ts';
import { installStandIn } from '../../support/cloudflared/install.ts';
import { tarOf } from './tar-of.ts';

const PROGRAM = Buffer.from('#!/bin/sh\necho "cloudflared version 2026.9.1 (built 2026-09-08-1201 UTC)"\n');
const NAME = 'cloudflared-linux-amd64';
const sumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let server: Server;
let answers: Map<string, Answer>;
let origin: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-tunnel-'));
  answers = new Map();
  server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** GitHub's side: the release, and the file behind a redirect. */
function publish(
  bytes: Buffer,
  { name = NAME, sum = sumOf(bytes) }: { name?: string; sum?: string } = {},
): void {
  const asset = { name, browser_download_url: `${origin}/file`, size: bytes.length, digest: `sha256:${sum}` };
  const release = JSON.stringify({ tag_name: '2026.9.1', body: '', assets: [asset] });
  answers.set('/latest', (_, response) => void response.end(release));
  answers.set('/file', (_, response) => void response.writeHead(302, { location: '/objects/1' }).end());
  answers.set('/objects/1', (_, response) => {
    response.write(bytes.subarray(0, 10));
    setImmediate(() => response.end(bytes.subarray(10)));
  });
}

function download(platform: NodeJS.Platform = 'linux', arch = 'x64', onProgress = vi.fn()) {
  const deps = { web, releases: `${origin}/latest`, directory: path.join(folder, 'tunnel'), platform, arch };
  return downloadProgram(deps, onProgress, new AbortController().signal);
}

describe('a download of cloudflared', () => {
  it('arrives checked, may be run, and tells how far it is', async () => {
    publish(PROGRAM);
    const progress = vi.fn();
    const done = await download('linux', 'x64', progress);
    expect(done).toEqual({
      ...{ path: path.join(folder, 'tunnel', 'cloudflared'), version: '2026.9.1' },
      sha256: sumOf(PROGRAM),
    });
    expect(await readFile(done.path)).toEqual(PROGRAM);
    expect((await stat(done.path)).mode & 0o777).toBe(0o700);
    expect(progress.mock.calls.at(-1)?.[0]).toEqual({
      ...{ version: '2026.9.1', received: PROGRAM.length, total: PROGRAM.length },
    });
    expect(await notedChecksum(path.join(folder, 'tunnel'))).toBe(sumOf(PROGRAM));
    expect((await readdir(path.join(folder, 'tunnel'))).sort()).toEqual(['cloudflared', 'cloudflared.json']);
  });

  it('is taken out of its archive on macOS', async () => {
    publish(gzipSync(tarOf([['cloudflared', PROGRAM]])), { name: 'cloudflared-darwin-arm64.tgz' });
    expect(await readFile((await download('darwin', 'arm64')).path)).toEqual(PROGRAM);
  });

  it('that is not what was published leaves nothing, and the old one where it was', async () => {
    publish(PROGRAM);
    const { path: file } = await download();
    publish(Buffer.from('#!/bin/sh\necho evil\n'), { sum: 'ab'.repeat(32) });
    await expect(download()).rejects.toMatchObject({
      ...{ code: 'unavailable', message: expect.stringMatching(/its SHA-256 is [0-9a-f]{64}, not (ab){32}/) },
    });
    expect(await readFile(file)).toEqual(PROGRAM);
    expect(await readdir(path.dirname(file))).toHaveLength(2);
  });

  it('that breaks off leaves nothing', async () => {
    publish(PROGRAM);
    answers.set('/objects/1', (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(download()).rejects.toMatchObject({
      ...{ code: 'unavailable', message: expect.stringMatching(/^cloudflared could not be downloaded: /) },
    });
    expect(await readdir(path.join(folder, 'tunnel'))).toEqual([]);
  });

  it('says what is wrong with where it comes from', async () => {
    await expect(download()).rejects.toThrow(/it answered 404/);
    answers.set('/latest', (_, response) => void response.end('<html>Sign in to the hotel</html>'));
    await expect(download()).rejects.toThrow('What GitHub told about cloudflared was no release.');
    answers.set(
      '/latest',
      (_, response) => void response.writeHead(403, { 'x-ratelimit-remaining': '0' }).end(),
    );
    await expect(download()).rejects.toThrow(/no more questions from this network/);
    answers.set('/latest', (_, response) => void response.writeHead(302, { location: '/latest' }).end());
    await expect(download()).rejects.toThrow(/leads on and on/);
    answers.set(
      '/latest',
      (_, response) => void response.writeHead(302, { location: 'https://x.test/' }).end(),
    );
    await expect(download()).rejects.toThrow('it leads to https://x.test');
    server.close();
    server.closeAllConnections();
    await expect(download()).rejects.toMatchObject({
      message: expect.stringMatching(/could not be reached/),
    });
    await expect(download('freebsd')).rejects.toThrow(/no cloudflared for freebsd/);
  });

  it('that a kill cut off is cleared away, and nothing else', async () => {
    publish(PROGRAM);
    const { path: file } = await download();
    await writeFile(path.join(path.dirname(file), `${NAME}.1234.part`), 'half');
    await removeHalfDownloads(path.dirname(file));
    expect((await readdir(path.dirname(file))).sort()).toEqual(['cloudflared', 'cloudflared.json']);
    await removeHalfDownloads(path.join(folder, 'nowhere'));
  });

  it('is one, however many ask, and is told of', async () => {
    publish(PROGRAM);
    const keeper = new ProgramKeeper({
      finder: finder(),
      download: (onProgress, signal) =>
        downloadProgram(
          {
            web,
            releases: `${origin}/latest`,
            directory: path.join(folder, 'tunnel'),
            platform: 'linux',
            arch: 'x64',
          },
          onProgress,
          signal,
        ),
      clock: systemClock,
    });
    expect(await keeper.look()).toMatchObject({ status: 'missing' });
    const [one, other] = [keeper.download(), keeper.download()];
    expect(one).toBe(other);
    expect(await keeper.look()).toMatchObject({ status: 'downloading' });
    await one;
    expect(await keeper.look()).toEqual({
      ...{ status: 'found', source: 'downloaded', version: '2026.9.1', sha256: sumOf(PROGRAM) },
      path: path.join(folder, 'tunnel', 'cloudflared'),
    });
  });
});

function finder(change: { configured?: string; environment?: NodeJS.ProcessEnv } = {}): ProgramFinder {
  return new ProgramFinder({
    configured: () => change.configured ?? null,
    environment: change.environment ?? {},
    platform: 'linux',
    downloaded: path.join(folder, 'tunnel', 'cloudflared'),
    checksum: () => notedChecksum(path.join(folder, 'tunnel')),
    run: runCommand,
  });
}

describe('looking for cloudflared', () => {
  it('goes from what is named to what is there', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => installStandIn(path.join(folder, name)).program);
    const environment = { CLOUDFLARED_PATH: b, PATH: `relative:${path.dirname(c ?? '')}` };
    expect(await finder({ configured: a ?? '', environment }).find()).toMatchObject({
      path: a,
      source: 'setting',
    });
    expect(await finder({ environment }).find()).toMatchObject({ path: b, source: 'environment' });
    const { PATH } = environment;
    expect(await finder({ environment: { PATH } }).find()).toMatchObject({
      ...{ path: c, source: 'path', version: '2026.9.1' },
    });
    expect(await finder().find()).toMatchObject({ status: 'missing' });
  });

  it('says what is wrong with a file that was named, and looks no further', async () => {
    const { program } = installStandIn(path.join(folder, 'good'));
    const environment = { PATH: path.dirname(program) };
    const plain = path.join(folder, 'plain');
    await writeFile(plain, 'no program', { mode: 0o644 });
    const other = installStandIn(path.join(folder, 'other'), { version: 'git version 2.47' }).program;
    const cases = [
      [path.join(folder, 'none'), /^There is no .*none, which Settings, “Tunnel” names\.$/],
      [folder, /is no file\.$/],
      [plain, /may not be run\.$/],
      [other, /is not cloudflared\.$/],
    ] as const;
    for (const [configured, reason] of cases) {
      expect(await finder({ configured, environment }).find()).toMatchObject({
        ...{ status: 'unusable', reason: expect.stringMatching(reason) },
      });
    }
    const script = path.join(folder, 'script');
    await writeFile(script, '#!/nowhere/sh\n', { mode: 0o755 });
    const found = await finder({ configured: script }).find();
    expect(found).toMatchObject({
      status: 'unusable',
      reason: expect.stringMatching(/cannot be run: ENOENT/),
    });
  });
});
