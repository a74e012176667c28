import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCertificate } from '../../../electron/core/agent-side/certificate.ts';
import { openIdentity } from '../../../electron/core/agent-side/identity.ts';
import { pairWith } from '../../../electron/core/agents/pair-with.ts';
import {
  agentProof,
  BEGIN_PATH,
  createCode,
  createNonce,
  FINISH_PATH,
  masterProof,
  pairingKey,
  readCode,
  shownCode,
} from '../../../electron/core/agents/pairing-proof.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { AGENT_ID, MASTER, openSide, startAgent, temporaryFolder } from './agent-world.ts';
import { answering, HOST, relay, statusOf } from './strangers.ts';

describe('a code', () => {
  it('is read back however it is typed', () => {
    for (let round = 0; round < 200; round += 1) {
      const code = createCode();
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
      expect(readCode(shownCode(code))).toBe(code);
      expect(readCode(` ${shownCode(code).toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')} `)).toBe(
        code,
      );
    }
    for (const text of ['', '7KQ2-M9X', '7KQ2-M9XDD', '7KQ2-M9XU', '7KQ2/M9XD'])
      expect(readCode(text)).toBeNull();
  });
});

describe('the certificate', () => {
  it('is one that Node and TLS take, vouches for itself, and is valid whatever the clock says', async () => {
    const { certificate, key } = await createCertificate('Comfy Ensemble agent ü');
    const read = new X509Certificate(certificate);
    expect(read.subject).toBe('CN=Comfy Ensemble agent ü');
    expect(read.issuer).toBe(read.subject);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(Date.parse(read.validFrom)).toBeLessThan(Date.parse('2001-01-01'));
    expect(Date.parse(read.validTo)).toBeGreaterThan(Date.parse('9999-01-01'));
    expect(key).toContain('BEGIN PRIVATE KEY');
    expect(read.serialNumber).not.toBe(
      new X509Certificate((await createCertificate('x')).certificate).serialNumber,
    );
  });

  it('is made once, for this user alone, and anew when it is damaged', async () => {
    const folder = path.join(temporaryFolder(), 'agent');
    const first = await openIdentity(folder, 'x');
    expect(await openIdentity(folder, 'x')).toEqual(first);
    const file = path.join(folder, 'identity.pem');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const other = await createCertificate('x');
    writeFileSync(file, `${first.key}${other.certificate}`);
    const mended = await openIdentity(folder, 'x');
    expect(mended).not.toEqual(first);
    expect(readFileSync(file, 'utf8')).toContain(mended.certificate);
  });
});

describe('keys and proofs', { timeout: 30_000 }, () => {
  it('differ as soon as anything that was said differs', async () => {
    const transcript = {
      master: MASTER,
      agent: { id: AGENT_ID, name: 'cellar' },
      masterNonce: 'a',
      agentNonce: 'b',
      fingerprint: 'AA',
    };
    const key = await pairingKey('7KQ2M9XD', transcript);
    expect(await pairingKey('7KQ2M9XD', { ...transcript })).toEqual(key);
    const changed = [
      { ...transcript, fingerprint: 'AB' },
      { ...transcript, masterNonce: 'c' },
      { ...transcript, agentNonce: 'c' },
      { ...transcript, master: { ...MASTER, name: 'Office2' } },
      // What moves from one field into the next is not the same either.
      { ...transcript, masterNonce: 'a b', agentNonce: '' },
    ];
    for (const other of changed) expect(await pairingKey('7KQ2M9XD', other)).not.toEqual(key);
    expect(await pairingKey('7KQ2M9XE', transcript)).not.toEqual(key);
    expect(masterProof(key)).not.toBe(agentProof(key, ''));
  });
});

describe('pairing', { timeout: 30_000 }, () => {
  it('gives both sides what they need, and the agent keeps no token', async () => {
    const { side, secrets, port } = await startAgent();
    const paired = await pairWith({ host: HOST, port }, side.pairing.code().code, MASTER);
    expect(paired.agent).toEqual({ id: AGENT_ID, name: 'cellar' });
    expect(new X509Certificate(paired.certificate).fingerprint256).toBe(side.fingerprint);
    expect(side.masters.whose(paired.token)).toBe(MASTER.id);
    expect(side.masters.list).toMatchObject([{ id: MASTER.id, name: 'Office', connected: false }]);
    expect(JSON.stringify([...secrets.values])).not.toContain(paired.token);
  });

  it('works once with one code, and again with the next one: the old token is worth nothing then', async () => {
    const { side, port } = await startAgent();
    const { code } = side.pairing.code();
    const first = await pairWith({ host: HOST, port }, code, MASTER);
    await expect(pairWith({ host: HOST, port }, code, MASTER)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('No pairing code is open'),
    });
    const second = await pairWith({ host: HOST, port }, side.pairing.code().code, MASTER);
    expect(side.masters.whose(first.token)).toBeNull();
    expect(side.masters.whose(second.token)).toBe(MASTER.id);
  });

  it('refuses a wrong code in words, and after five of them the right one too', async () => {
    const { side, port } = await startAgent();
    const { code } = side.pairing.code();
    const wrong = shownCode(readCode(code) === '00000000' ? '00000001' : '00000000');
    for (let guess = 0; guess < 5; guess += 1) {
      await expect(pairWith({ host: HOST, port }, wrong, MASTER)).rejects.toThrow('The code is wrong');
    }
    await expect(pairWith({ host: HOST, port }, code, MASTER)).rejects.toThrow('guessed at too often');
    expect(side.pairing.code().code).not.toBe(code);
    expect(side.masters.list).toEqual([]);
  });

  it('lets nobody guess on with new codes: ten wrong ones from an address within a minute', async () => {
    const clock = new ManualClock();
    const { pairing } = await openSide({ clock });
    for (let guess = 0; guess < 10; guess += 1) {
      pairing.code();
      const { session } = pairing.begin(MASTER, createNonce(), 'a');
      await expect(pairing.finish(session, createNonce(), 'a')).rejects.toThrow('The code is wrong');
    }
    pairing.code();
    expect(() => pairing.begin(MASTER, createNonce(), 'a')).toThrow('too many wrong codes');
    expect(() => pairing.begin(MASTER, createNonce(), 'b')).not.toThrow();
    clock.advance(60_001);
    pairing.code();
    expect(() => pairing.begin(MASTER, createNonce(), 'a')).not.toThrow();
  });

  it('forgets a code after ten minutes and a session after one', async () => {
    const clock = new ManualClock();
    const { pairing } = await openSide({ clock });
    const { code, expiresAt } = pairing.code();
    expect(expiresAt - clock.now()).toBe(600_000);
    const { session } = pairing.begin(MASTER, createNonce(), 'a');
    clock.advance(60_001);
    await expect(pairing.finish(session, createNonce(), 'a')).rejects.toThrow('is over');
    expect(pairing.code().code).toBe(code);
    clock.advance(600_000);
    expect(() => pairing.begin(MASTER, createNonce(), 'a')).toThrow('No pairing code is open');
  });

  it('cannot be replayed: what was sent once proves nothing in another session', async () => {
    const { pairing, fingerprint, masters } = await openSide();
    const code = readCode(pairing.code().code) ?? '';
    const masterNonce = createNonce();
    const begun = pairing.begin(MASTER, masterNonce, 'a');
    const key = await pairingKey(code, {
      master: MASTER,
      agent: begun.agent,
      masterNonce,
      agentNonce: begun.nonce,
      fingerprint,
    });
    const proof = masterProof(key);
    const again = pairing.begin(MASTER, masterNonce, 'a');
    await expect(pairing.finish(again.session, proof, 'a')).rejects.toThrow('The code is wrong');
    expect(masters.list).toEqual([]);
    const done = await pairing.finish(begun.session, proof, 'a');
    expect(done.proof).toBe(agentProof(key, done.token));
    await expect(pairing.finish(begun.session, proof, 'a')).rejects.toThrow('is over');
  });

  it('finds out somebody in between who shows another certificate, on both sides', async () => {
    const { side, port } = await startAgent();
    const { code } = side.pairing.code();
    const between = await relay(port);
    await expect(pairWith({ host: HOST, port: between }, code, MASTER)).rejects.toThrow(
      'another certificate than ours',
    );
    expect(side.masters.list).toEqual([]);
  });

  it('finds out somebody who lets the master in without knowing the code', async () => {
    const impostor = await answering((url) =>
      url === BEGIN_PATH
        ? { session: createNonce(), agent: { id: AGENT_ID, name: 'cellar' }, nonce: createNonce() }
        : { token: createNonce(), proof: createNonce() },
    );
    await expect(pairWith({ host: HOST, port: impostor }, '7KQ2-M9XD', MASTER)).rejects.toThrow(
      'does not know the code',
    );
  });

  it('says what is there instead of an agent', async () => {
    const other = await answering(() => 'hello');
    await expect(pairWith({ host: HOST, port: other }, '7KQ2-M9XD', MASTER)).rejects.toThrow(
      'something else answers',
    );
    await expect(pairWith({ host: HOST, port: 1 }, '7KQ2-M9XD', MASTER)).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('ensemble agent'),
    });
    await expect(pairWith({ host: HOST, port: 1 }, '7KQ2', MASTER)).rejects.toMatchObject({
      code: 'bad-argument',
    });
    const { side, port } = await startAgent();
    const self = { id: AGENT_ID, name: 'cellar' };
    await expect(pairWith({ host: HOST, port }, side.pairing.code().code, self)).rejects.toThrow(
      'this very control',
    );
  });

  it('survives whatever is sent to it', async () => {
    const { side, port } = await startAgent();
    side.pairing.code();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(BEGIN_PATH, FINISH_PATH), fc.jsonValue(), async (url, body) => {
        expect([400, 401, 413]).toContain(await statusOf(port, url, body));
      }),
      { numRuns: 40 },
    );
    expect(side.masters.list).toEqual([]);
  });
});
