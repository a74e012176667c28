import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Keychain, Secrets } from '../../../electron/core/settings/secrets.ts';

/** Turns bytes round: nobody reads them by accident. */
const keychain: Keychain = {
  encrypt: async (text) => Buffer.from(text).map((byte) => byte ^ 0xff) as Buffer,
  decrypt: async (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0xff)).toString('utf8'),
};

describe('secrets', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'ensemble-secrets-'));
    file = path.join(directory, 'secrets.json');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('come back after a restart, readable by this user alone', async () => {
    const secrets = await Secrets.open(file, null);
    expect(secrets.read('w')).toEqual({});
    await Promise.all([secrets.write('w', { token: 'a' }), secrets.write('v', { token: 'b' })]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await Secrets.open(file, null);
    expect([again.read('w'), again.read('v')]).toEqual([{ token: 'a' }, { token: 'b' }]);
    await again.delete('w');
    expect((await Secrets.open(file, null)).keys).toEqual(['v']);
  });

  it('are encrypted where there is a keychain, and only said to be there where there is none', async () => {
    const secrets = await Secrets.open(file, keychain);
    await secrets.write('worker-1', { token: 'wolkenkuckucksheim' });
    expect(readFileSync(file, 'utf8')).not.toContain('wolkenkuckucksheim');
    expect((await Secrets.open(file, keychain)).read('worker-1')).toEqual({ token: 'wolkenkuckucksheim' });
    const headless = await Secrets.open(file, null);
    expect(headless.read('worker-1')).toEqual({});
    expect(headless.problems).toEqual([expect.stringContaining('worker-1 is in the keychain')]);
    // What it cannot read it does not lose.
    await headless.write('worker-2', { token: 'plain' });
    const desktop = await Secrets.open(file, keychain);
    expect([desktop.read('worker-1'), desktop.read('worker-2')]).toEqual([
      { token: 'wolkenkuckucksheim' },
      { token: 'plain' },
    ]);
  });

  it('of a damaged file are set aside, and said to be', async () => {
    writeFileSync(file, '{"version": 1, "entries": [');
    const secrets = await Secrets.open(file, null);
    expect(secrets.problems).toEqual([expect.stringContaining('was damaged')]);
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe('{"version": 1, "entries": [');
    await secrets.write('w', { token: 'a' });
    expect((await Secrets.open(file, null)).read('w')).toEqual({ token: 'a' });
  });

  it('that cannot be written are refused, and the old ones stay', async () => {
    const secrets = await Secrets.open(path.join(directory, 'gone', 'secrets.json'), null);
    await expect(secrets.write('w', { token: 'a' })).rejects.toThrow('cannot be written');
    expect([secrets.read('w'), secrets.keys]).toEqual([{}, []]);
    chmodSync(directory, 0o700);
  });
});
