import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../electron/core/ports.ts';
import { CommandProvider } from '../../../electron/core/providers/command.ts';
import { readListLine, readReadyLine } from '../../../electron/core/providers/script-line.ts';
import type { CommandProviderSettings } from '../../../shared/providers.ts';
import { EventLog } from './event-log.ts';

const SPEC = { offer: 'command', pricePerHour: 0.4, ttlMinutes: 90 };
const never = new AbortController().signal;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'command-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function script(name: string, body: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

function provider(lines: Partial<CommandProviderSettings>): CommandProvider {
  const settings: CommandProviderSettings = {
    ...{ id: 'command', kind: 'command', name: 'Sky', readyMinutes: 20, start: '', stop: 'true', list: '' },
    ...{ pricePerHour: 0.4, ...lines },
  };
  const environment = () => ({ SKY_TOKEN: 'from the secrets' });
  const deps = {
    clock: systemClock,
    controller: 'abcdefghij',
    platform: process.platform,
    path: process.env,
  };
  return new CommandProvider(settings, { ...deps, environment });
}

test('the first line that is a URL makes it ready; the program is told key, time and price', async () => {
  const file = await script(
    'start',
    `env | grep -E "^(ENSEMBLE|SKY)_" | grep -vE "PREBUILT|_TEST_|ENSEMBLE_(ELECTRON|VIRTUAL)" | sort > "${folder}/env"; echo "cluster $1 is being made"; echo https://gpu.example.com:8188/; echo https://other.example.com`,
  );
  const command = provider({ start: `${file} 'my cluster'` });
  const log = new EventLog();
  command.watch(log);
  await command.ensure('k1', SPEC, never);
  expect((await log.next('starting')).note).toBe('cluster my cluster is being made');
  expect(await log.next('up')).toMatchObject({
    key: 'k1',
    address: { url: 'https://gpu.example.com:8188', headers: {} },
  });
  expect(await readFile(path.join(folder, 'env'), 'utf8')).toBe(
    [
      'ENSEMBLE_ACTION=start',
      'ENSEMBLE_CONTROLLER=abcdefghij',
      'ENSEMBLE_KEY=k1',
      'ENSEMBLE_NAME=ensemble-abcdefghij-k1',
      'ENSEMBLE_PRICE_PER_HOUR=0.4',
      'ENSEMBLE_TTL_SECONDS=5400',
      'SKY_TOKEN=from the secrets\n',
    ].join('\n'),
  );
});

test('no shell takes part: what looks like a command stays a word', async () => {
  const file = await script(
    'start',
    'printf "%s\\n" "$@" > "$(dirname "$0")/words"; echo http://127.0.0.1:1',
  );
  await provider({ start: `${file} "$(touch ${folder}/hurt)" ';' '&&'` }).ensure('k1', SPEC, never);
  expect(await readFile(path.join(folder, 'words'), 'utf8')).toBe(`$(touch ${folder}/hurt)\n;\n&&\n`);
});

test('a program that fails is told with exit code and last lines', async () => {
  const file = await script(
    'start',
    'echo looking for a machine; echo "no capacity in any zone" >&2; exit 7',
  );
  await expect(provider({ start: file }).ensure('k1', SPEC, never)).rejects.toThrow(
    /start command of Sky failed \(exit code 7: .*no capacity in any zone/,
  );
  await expect(provider({ start: '/no/such/program' }).ensure('k1', SPEC, never)).rejects.toThrow(
    'there is no such program',
  );
  const silent = await script('silent', 'echo made it');
  await expect(provider({ start: silent }).ensure('k1', SPEC, never)).rejects.toThrow(
    'ended without saying a URL',
  );
});

test('a program that goes on is the lease: its end is the end, and a release ends all that it started', async () => {
  const file = await script('start', `echo http://127.0.0.1:1; sleep 1000 & echo $! > "${folder}/pid"; wait`);
  const stopped = await script('stop', `echo "$ENSEMBLE_ACTION $ENSEMBLE_KEY" > "${folder}/stopped"`);
  const command = provider({ start: file, stop: stopped });
  await command.ensure('k1', SPEC, never);
  const pid = await untilWritten(path.join(folder, 'pid'));
  await command.release('k1');
  expect(await isAlive(pid)).toBe(false);
  expect(await readFile(path.join(folder, 'stopped'), 'utf8')).toBe('stop k1\n');

  const log = new EventLog();
  const brief = provider({ start: await script('brief', 'echo http://127.0.0.1:1; echo preempted; exit 3') });
  brief.watch(log);
  await brief.ensure('k2', SPEC, never);
  expect((await log.next('gone')).because).toBe(
    'Its program ended (exit code 3: http://127.0.0.1:1 / preempted).',
  );
});

test('a start that is let go of ends with all that it started', async () => {
  const file = await script('start', `sleep 1000 & echo $! > "${folder}/pid"; wait`);
  const abort = new AbortController();
  const asked = provider({ start: file }).ensure('k1', SPEC, abort.signal);
  const pid = await untilWritten(path.join(folder, 'pid'));
  abort.abort(new Error('too late'));
  await expect(asked).rejects.toThrow('too late');
  expect(await isAlive(pid)).toBe(false);
});

test('one that is ready ends by its release alone: it may still compute', async () => {
  const file = await script('start', `echo $$ > "${folder}/pid"; echo http://127.0.0.1:1; exec sleep 1000`);
  const abort = new AbortController();
  const command = provider({ start: file });
  await command.ensure('k1', SPEC, abort.signal);
  const pid = await untilWritten(path.join(folder, 'pid'));
  abort.abort();
  expect(await isAlive(pid)).toBe(true);
  await command.release('k1');
  expect(await isAlive(pid)).toBe(false);
});

test('a stop command that fails says so, so that it is tried again', async () => {
  const file = await script('stop', 'echo "quota exceeded for API calls" >&2; exit 1');
  await expect(provider({ stop: file }).release('k1')).rejects.toThrow(
    'stop command of Sky failed (exit code 1: quota',
  );
});

test('the list tells what is there, in words or JSON; without one nobody knows', async () => {
  const file = await script(
    'list',
    `echo "k1 https://a.example.com"; echo k2; echo '{"key":"k3","pricePerHour":2}'; echo "# 3 of 3"`,
  );
  expect(await provider({ list: file }).reconcile()).toMatchObject([
    { key: 'k1', url: 'https://a.example.com', pricePerHour: null },
    { key: 'k2', url: null },
    { key: 'k3', pricePerHour: 2 },
  ]);
  expect(await provider({}).reconcile()).toBeNull();
});

test('the check finds the programs and starts none', async () => {
  const file = await script('start', `touch "${folder}/started"`);
  expect(await provider({ start: file }).test()).toContain(`start: ${file}`);
  await expect(provider({ start: 'no-such-program-here' }).test()).rejects.toThrow(
    'no program “no-such-program-here” on PATH',
  );
  await expect(readFile(path.join(folder, 'started'))).rejects.toThrow();
});

describe('a line', () => {
  test('with headers and price', () => {
    const line =
      '{"url":"https://a.example.com/x/","headers":{"Authorization":"Bearer t"},"pricePerHour":1.5}';
    const address = { url: 'https://a.example.com/x', headers: { Authorization: 'Bearer t' } };
    expect(readReadyLine(line)).toEqual({ address, pricePerHour: 1.5 });
  });

  test('that says something else is none', () => {
    for (const line of [
      'Listening on https://a.example.com',
      'ftp://a',
      '{"url":1}',
      '{',
      '',
      'javascript:1',
      '{"url":"http://a","headers":{"A\\nB":"c"}}',
    ]) {
      expect(readReadyLine(line)).toBeNull();
    }
  });

  test('can hold anything', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        const ready = readReadyLine(line);
        if (ready !== null) expect(() => new URL(ready.address.url)).not.toThrow();
        readListLine(line);
      }),
    );
  });
});

async function untilWritten(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text.trim();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A dead one that nobody has reaped is dead. */
async function isAlive(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}
