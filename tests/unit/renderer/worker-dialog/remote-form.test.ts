import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AccessForm,
  NO_ACCESS,
  readAccess,
  withHeader,
  withMoreHeaders,
  withoutHeader,
} from '../../../../renderer/worker-dialog/access-form.ts';
import {
  candidatesOfPlugin,
  candidatesOfPorts,
  canHaveMore,
  draftsOf,
  isFree,
  portWords,
} from '../../../../renderer/worker-dialog/port-words.ts';
import {
  emptyRemoteForm,
  otherType,
  type RemoteForm,
  remoteFormOf,
  withAddress,
  withPlace,
  withType,
} from '../../../../renderer/worker-dialog/remote-form.ts';
import {
  otherRemoteProblems,
  readRemoteForm,
  remoteProblem,
} from '../../../../renderer/worker-dialog/remote-reading.ts';
import { footerWords, isSameServer } from '../../../../renderer/worker-dialog/test-words.ts';
import { urlOf } from '../../../../shared/address.ts';
import type { ScannedPort } from '../../../../shared/discovery.ts';
import { suggestedName } from '../../../../shared/worker-names.ts';
import { instanceSnapshot } from '../../../support/fixtures.ts';

const POD = 'wcegfo9tbbml9l-8188.proxy.runpod.net';
const empty = emptyRemoteForm('remote');
const filled = withAddress(empty, '192.168.1.20:8189', []);

describe('the form of a worker elsewhere', () => {
  it('is filled in by one paste', () => {
    const form = withAddress(empty, 'https://comfy.example.com:8443/gpu/1/?token=x', []);
    expect(readRemoteForm({ ...form, type: 'cloud' }).draft).toEqual({
      type: 'cloud',
      name: 'comfy:8443',
      host: 'comfy.example.com',
      port: 8443,
      secure: true,
      path: '/gpu/1',
      certificate: null,
      access: { kind: 'none' },
    });
    expect(otherType(form)).toBe('cloud');
    expect(otherType({ ...form, type: 'cloud' })).toBeNull();
  });

  it('keeps the parts while what is typed is no address', () => {
    const form = withAddress(filled, 'http://', []);
    expect(form).toMatchObject({ address: 'http://', host: '192.168.1.20', port: '8189' });
    expect(readRemoteForm(form)).toMatchObject({ draft: null, problems: [{ field: 'address' }] });
    expect(otherType(form)).toBeNull();
  });

  it('writes the address of parts that are edited by hand', () => {
    const form = withPlace(withPlace(filled, { path: 'comfy/' }, []), { secure: true }, []);
    expect(form.address).toBe('https://192.168.1.20:8189/comfy');
    expect(withPlace(filled, { host: 'http://[::1]:1/' }, [])).toMatchObject({ host: '::1', port: '1' });
    expect(withPlace(filled, { port: 'x' }, [])).toMatchObject({ address: filled.address, port: 'x' });
  });

  it('gives back every place that an instance has', () => {
    const place = fc.record({
      host: fc
        .oneof(fc.ipV4(), fc.constantFrom('gpu-box.local', POD, '::1'))
        .filter((host) => host !== '0.0.0.0'),
      port: fc.integer({ min: 1, max: 65_535 }),
      secure: fc.boolean(),
      path: fc.constantFrom('', '/comfy', '/a/b'),
    });
    fc.assert(
      fc.property(place, fc.boolean(), ({ secure, path, ...given }, stored) => {
        const remote = {
          secure,
          path,
          certificate: null,
          access: stored ? 'Bearer ••••' : null,
          readiness: null,
          source: null,
          agent: null,
        };
        const form = remoteFormOf(instanceSnapshot({ ...given, type: 'remote', name: 'x', remote }));
        expect(form.address).toBe(urlOf({ ...given, secure, path }));
        expect(readRemoteForm(form).draft).toMatchObject({
          ...given,
          secure,
          path,
          access: { kind: stored ? 'keep' : 'none' },
        });
      }),
    );
  });

  it('trusts no certificate of another server, and keeps that of the same one', () => {
    const trusted: RemoteForm = { ...withAddress(empty, 'https://a.local:8443', []), certificate: 'PEM' };
    expect(withPlace(trusted, { path: '/x' }, []).certificate).toBe('PEM');
    expect(withType(trusted, 'cloud', []).certificate).toBe('PEM');
    expect(withPlace(trusted, { host: 'b.local' }, []).certificate).toBeNull();
    expect(withPlace(trusted, { port: '1' }, []).certificate).toBeNull();
    expect(withPlace(trusted, { secure: false }, []).certificate).toBeNull();
    expect(withAddress(trusted, 'https://b.local:8443', []).certificate).toBeNull();
  });

  it('means https on 443 by a bare host once it is in the cloud', () => {
    expect(withType(empty, 'cloud', [])).toMatchObject({ port: '443', secure: true, address: '' });
    const form = withAddress(empty, 'comfy.example.com', []);
    expect(form).toMatchObject({ port: '8188', secure: false });
    expect(withType(form, 'cloud', [])).toMatchObject({ port: '443', secure: true });
  });

  it('leaves a typed name alone', () => {
    const named = { ...filled, name: 'Studio', named: true };
    expect(withAddress(named, POD, []).name).toBe('Studio');
    expect(withAddress(filled, POD, []).name).toBe('Runpod wcegfo9tbbml9l');
  });
});

describe('suggestedName', () => {
  const place = { host: 'gpu-box.local', port: 8188, secure: false, path: '' };
  it('is short, and nobody else has it', () => {
    expect(suggestedName(place, [])).toBe('gpu-box');
    expect(suggestedName({ ...place, port: 8190 }, [])).toBe('gpu-box:8190');
    expect(suggestedName({ ...place, host: '10.0.0.7' }, [])).toBe('10.0.0.7');
    expect(suggestedName(place, ['GPU-Box', 'gpu-box (2)'])).toBe('gpu-box (3)');
    fc.assert(
      fc.property(fc.array(fc.constantFrom('gpu-box', 'gpu-box (2)', 'gpu-box (3)', 'x')), (taken) => {
        expect(taken).not.toContain(suggestedName(place, taken));
      }),
    );
  });
});

describe('access', () => {
  const of = (change: Partial<AccessForm>) => readAccess({ ...NO_ACCESS, ...change });
  it('is read from what was typed, and says what is missing', () => {
    expect(of({ kind: 'keep' })).toEqual({ draft: { kind: 'keep' }, missing: [] });
    expect(of({ kind: 'bearer' })).toEqual({ draft: null, missing: ['token'] });
    expect(of({ kind: 'bearer', token: ' Authorization: Bearer abc ' }).draft).toEqual({
      kind: 'bearer',
      token: 'abc',
    });
    expect(of({ kind: 'basic', password: 'p' }).missing).toEqual(['user']);
    expect(of({ kind: 'basic', user: 'u' }).draft).toEqual({ kind: 'basic', user: 'u', password: '' });
    expect(of({ kind: 'cloudflare' }).missing).toEqual(['client ID', 'client secret']);
    expect(of({ kind: 'headers' }).missing).toEqual(['header name']);
  });

  it('holds headers row by row, and leaves out empty rows', () => {
    const two = withMoreHeaders(withHeader(NO_ACCESS, 0, { name: 'X-A', value: '1' }));
    const key = two.headers[1]?.key ?? -1;
    const three = withMoreHeaders(withHeader(two, key, { name: ' X-B ', value: ' 2 ' }));
    expect(readAccess({ ...three, kind: 'headers' }).draft).toEqual({
      kind: 'headers',
      headers: [
        { name: 'X-A', value: '1' },
        { name: 'X-B', value: '2' },
      ],
    });
    expect(withoutHeader(three, 0).headers.map(({ name }) => name)).toEqual([' X-B ', '']);
    expect(new Set(three.headers.map((row) => row.key)).size).toBe(3);
  });

  it('lets the place be checked while secrets are missing', () => {
    const reading = readRemoteForm({ ...filled, access: { ...NO_ACCESS, kind: 'bearer' } });
    expect(reading).toMatchObject({ draft: null, missing: ['token'], problems: [] });
    expect(reading.toCheck?.access).toEqual({ kind: 'none' });
  });
});

describe('problems', () => {
  it('stand beside their fields, with and without the prefix of a refusal', () => {
    const list = [
      { field: 'draft.access.token', message: 'a' },
      { field: 'host', message: 'h' },
      { field: 'access.headers[0]', message: 'b' },
      { field: 'draft.certificate', message: 'c' },
    ];
    expect(remoteProblem('access', [], list)).toBe('a');
    expect(remoteProblem('host', list)).toBe('h');
    expect(remoteProblem('port', list)).toBeNull();
    expect(otherRemoteProblems(list).map(({ message }) => message)).toEqual(['c']);
  });

  it('of an empty form are none yet', () => {
    expect(readRemoteForm(empty)).toEqual({ draft: null, toCheck: null, problems: [], missing: ['address'] });
    const words = (missing: readonly string[], wrong: boolean) => footerWords({ missing, wrong }, null, true);
    expect(words(['address'], true)).toBe('Still to be filled in: address.');
    expect(words([], true)).toBe('A field has to be changed first.');
    expect(words([], false)).toBe('Not tested. It can be added all the same.');
  });
});

describe('isSameServer', () => {
  it('minds what a test depends on, and nothing else', () => {
    const { draft } = readRemoteForm(filled);
    if (draft === null) throw new Error('It is filled in.');
    expect(isSameServer(draft, { ...draft, name: 'other', type: 'cloud' })).toBe(true);
    expect(isSameServer(draft, { ...draft, path: '/x' })).toBe(false);
    expect(isSameServer(draft, { ...draft, access: { kind: 'bearer', token: 't' } })).toBe(false);
  });
});

describe('more ports of a machine', () => {
  const port = (change: Partial<ScannedPort>): ScannedPort => ({
    port: 8190,
    status: 'comfyui',
    version: '0.33.0',
    gpu: 'RTX 3090',
    vramTotal: 24 * 2 ** 30,
    reason: null,
    known: false,
    ...change,
  });

  it('say what is there', () => {
    expect(portWords(port({}))).toBe('ComfyUI 0.33.0, RTX 3090, 24 GB');
    expect(portWords(port({ version: null, gpu: null, vramTotal: null }))).toBe('ComfyUI');
    expect(portWords(port({ known: true }))).toBe('In the fleet already.');
    expect(portWords(port({ status: 'closed' }))).toBe('Nothing answers.');
    expect(portWords(port({ status: 'closed', reason: 'nothing listens there' }))).toBe(
      'Nothing listens there.',
    );
    expect(portWords(port({ status: 'other', reason: 'A web page.' }))).toBe('No ComfyUI. A web page.');
    expect([port({}), port({ known: true }), port({ status: 'other' })].map(isFree)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('become workers with names of their own', () => {
    const { draft } = readRemoteForm(withAddress(empty, 'gpu-box.local', []));
    if (draft === null) throw new Error('It is filled in.');
    const candidates = [
      ...candidatesOfPorts('gpu-box.local', [port({ port: 8189 }), port({})]),
      ...candidatesOfPlugin([
        { name: 'Pod', host: 'pod.example.com', port: 443, secure: true, path: '/a', known: false },
      ]),
    ];
    expect(candidates.map(({ label }) => label)).toEqual(['8189', '8190', 'pod.example.com/a']);
    expect(draftsOf(draft, candidates, ['gpu-box:8190'])).toMatchObject([
      { type: 'remote', name: 'gpu-box:8189', port: 8189 },
      { type: 'remote', name: 'gpu-box:8190 (2)', port: 8190 },
      { type: 'cloud', name: 'Pod', host: 'pod.example.com', port: 443, secure: true, path: '/a' },
    ]);
    expect(canHaveMore(draft)).toBe(true);
    expect(canHaveMore({ ...draft, secure: true })).toBe(false);
    expect(canHaveMore({ ...draft, access: { kind: 'bearer', token: 't' } })).toBe(false);
  });
});
