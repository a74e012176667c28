import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { extractAll, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { WebSocket } from 'ws';
import { BareApp } from './support/bare-app.ts';
import { electronPath, options } from './support/electron.ts';
import { expect, test } from './support/test.ts';
import { until } from './support/until.ts';
import { GPUS, isRunning } from './support/world.ts';

/** A fuse's byte in the executable. */
const [ON, OFF] = ['1'.charCodeAt(0), '0'.charCodeAt(0)];

let folder = '';
let program = '';
let archive = '';

test.beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'ensemble-package-'));
  const config = path.join(folder, 'electron-builder.mjs');
  writeFileSync(config, await configuration());
  execFileSync(
    process.execPath,
    [
      path.resolve('node_modules/electron-builder/cli.js'),
      ...['--config', config, '--linux', 'dir', '--publish', 'never'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const unpacked = path.join(folder, 'linux-unpacked');
  program = path.join(unpacked, 'comfy-ensemble');
  archive = path.join(unpacked, 'resources', 'app.asar');
});

/** The product's own, around the tests' copy of the app and whatever Electron is here. */
async function configuration(): Promise<string> {
  const wire = await getCurrentFuseWire(electronPath());
  const hasAll = wire[FuseV1Options.GrantFileProtocolExtraPrivileges] !== undefined;
  const places = {
    electronDist: path.dirname(electronPath()),
    directories: {
      app: process.env['ENSEMBLE_DESKTOP_APP'],
      output: folder,
      buildResources: path.resolve('build/resources'),
    },
  };
  return `
import config from ${JSON.stringify(pathToFileURL(path.resolve('build/electron-builder.mjs')).href)};
const { grantFileProtocolExtraPrivileges, ...older } = config.electronFuses;
// An older Electron has no such fuse, and flipping it is an error.
const electronFuses = ${hasAll} ? config.electronFuses : older;
export default { ...config, electronFuses, ...${JSON.stringify(places)} };
`;
}

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the archive holds the bundles, the native database and nothing else', () => {
  const files = listPackage(archive, { isPack: false }).map((file) => file.replaceAll(path.sep, '/'));
  for (const name of ['main', 'preload', 'headless', 'guardian', 'simulator']) {
    expect(files).toContain(`/dist/${name}.cjs`);
  }
  expect(files).toContain('/dist/renderer/index.html');
  const isOurs = /^\/(package\.json$|dist$|dist\/)/;
  const isDatabase = /^\/node_modules(\/(libsql|@libsql|@neon-rs|detect-libc)(\/|$)|$)/;
  expect(files.filter((file) => !isOurs.test(file) && !isDatabase.test(file))).toEqual([]);
  expect(files.filter((file) => file.includes('musl'))).toEqual([]);
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
});

test('the native database lies beside the archive and is loaded out of it', () => {
  const binaries = readdirSync(`${archive}.unpacked`, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.node'),
  );
  expect(binaries).toHaveLength(1);
  const extracted = path.join(folder, 'extracted-database');
  extractAll(archive, extracted);
  const hosts = [
    { command: program, root: archive, env: { ELECTRON_RUN_AS_NODE: '1' } },
    { command: process.execPath, root: extracted, env: {} },
  ];
  for (const { command, root, env } of hosts) {
    const libsql = path.join(root, 'node_modules', 'libsql');
    const file = path.join(folder, `${hosts.findIndex((host) => host.root === root)}.db`);
    const script = `
      const database = new (require(${JSON.stringify(libsql)}))(${JSON.stringify(file)});
      database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (42)');
      process.stdout.write(String(database.prepare('SELECT x FROM t').get([]).x));`;
    const said = execFileSync(command, ['-e', script], { env: { ...process.env, ...env }, encoding: 'utf8' });
    expect(said).toBe('42');
  }
});

test('the fuses are as configured', async () => {
  const fuses = await getCurrentFuseWire(program);
  const expected: readonly (readonly [FuseV1Options, boolean])[] = [
    [FuseV1Options.RunAsNode, true],
    [FuseV1Options.EnableCookieEncryption, true],
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable, false],
    [FuseV1Options.EnableNodeCliInspectArguments, false],
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, true],
    [FuseV1Options.OnlyLoadAppFromAsar, true],
    [FuseV1Options.GrantFileProtocolExtraPrivileges, false],
  ];
  for (const [fuse, on] of expected) {
    // An Electron older than a fuse does not have it.
    if (fuses[fuse] === undefined) continue;
    expect([FuseV1Options[fuse], fuses[fuse]]).toEqual([FuseV1Options[fuse], on ? ON : OFF]);
  }
});

test('the packaged app starts its fleet and ends it', async ({ world }) => {
  // Its fuses keep debuggers out of the main process; the page can still be looked at.
  const app = BareApp.spawn(world, program, ['--no-sandbox', '--remote-debugging-port=0', ...options(world)]);
  try {
    const devtools = await lineMatching(app.child.stderr, /DevTools listening on ws:\/\/([^/]+)/);
    const cards = (): Promise<number> =>
      evaluateInPage(
        devtools,
        "document.body.innerText.split('\\n').filter((line) => line === 'Ready').length",
      );
    await until('the fleet on the page', cards, (count) => count === GPUS);
    const pids = Object.values(world.servers);
    expect(pids).toHaveLength(GPUS);
    app.child.kill('SIGTERM');
    expect(await app.exited).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
  } finally {
    await app.kill();
  }
});

test('the headless host runs out of the archive, and out of what was extracted from it', async ({
  world,
}) => {
  const extracted = path.join(folder, 'extracted');
  extractAll(archive, extracted);
  const hosts = [
    { command: program, root: archive, env: { ELECTRON_RUN_AS_NODE: '1' } },
    { command: process.execPath, root: extracted, env: {} },
  ];
  for (const { command, root, env } of hosts) {
    const entry = path.join(root, 'dist', 'headless.cjs');
    const host = BareApp.spawn(world, command, [entry, '--json', '--no-open', ...options(world)], env);
    try {
      const line = JSON.parse(await lineMatching(host.child.stdout, /^(\{.*\})$/)) as Record<string, string>;
      expect((await fetch(String(line['url']), { redirect: 'manual' })).status).toBe(303);
      expect(line['data']).toBe(world.data);
      await until(
        'the servers',
        () => Object.keys(world.servers).length,
        (count) => count === GPUS,
      );
      host.child.kill('SIGTERM');
      expect(await host.exited).toBe(0);
      expect(world.servers).toEqual({});
    } finally {
      await host.kill();
    }
  }
});

test('icons of every size are in the package’s sources', () => {
  const icons = path.resolve('build', 'resources', 'icons');
  for (const size of [16, 24, 32, 48, 64, 128, 256, 512, 1024]) {
    const png = readFileSync(path.join(icons, `${size}x${size}.png`));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
  }
  expect(existsSync(path.resolve('build/resources/icon.ico'))).toBe(true);
  expect(existsSync(path.resolve('build/resources/icon.icns'))).toBe(true);
});

/** One expression, over the DevTools protocol: Playwright cannot take over an Electron that it has not started. */
async function evaluateInPage(host: string, expression: string): Promise<number> {
  const targets = (await (await fetch(`http://${host}/json`)).json()) as readonly Record<string, string>[];
  const page = targets.find(({ url }) => url?.startsWith('app://ensemble/'));
  if (page === undefined) return 0;
  const socket = new WebSocket(String(page['webSocketDebuggerUrl']));
  try {
    await once(socket, 'open');
    socket.send(
      JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression, returnByValue: true } }),
    );
    const [message] = await once(socket, 'message');
    const reply = JSON.parse(String(message)) as { result?: { result: { value?: number } } };
    // Nothing yet while the page is being made.
    return reply.result?.result.value ?? 0;
  } finally {
    socket.close();
  }
}

/** Resolves to the first group of the first line that matches. */
async function lineMatching(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  for await (const line of createInterface({ input: stream })) {
    const found = pattern.exec(line)?.[1];
    // Goes on reading: a full pipe would stop the program.
    stream.resume();
    if (found !== undefined) return found;
  }
  throw new Error(`It ended without ${pattern}`);
}
