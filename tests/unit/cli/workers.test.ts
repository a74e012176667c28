import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GREEN, SELF_SIGNED, WorkersWorld, waiting } from './workers-world.ts';

let world: WorkersWorld;
beforeEach(async () => {
  world = await WorkersWorld.open();
});
afterEach(() => world.close());

const cli: WorkersWorld['cli'] = (argv, around) => world.cli(argv, around);
const told = (command: string): unknown => world.told(command);

describe('ensemble workers', () => {
  it('lists them, for people and for programs, without secrets', async () => {
    const { out, code } = await cli([]);
    expect(code).toBe(0);
    expect(out).toContain('w2  gpu-box   remote  https://gpu-box.local:8188/comfy  Ready');
    expect(out).toContain('All 5 rungs hold');
    expect(out).not.toContain('master');
    const [, remote] = JSON.parse((await cli(['list', '--json'])).out);
    expect(remote).toMatchObject({ id: 'w2', access: 'Bearer ••••3f9a', readiness: { done: true } });
  });

  it('adds what is pasted', async () => {
    const { out, code } = await cli(['add', 'http://192.168.1.20:8190/?x=1']);
    expect({ out, code }).toEqual({ out: '192.168.1.20:8190 (worker-1) is added.', code: 0 });
    expect(told('remote.add')).toEqual({
      draft: {
        type: 'remote',
        name: '192.168.1.20:8190',
        host: '192.168.1.20',
        port: 8190,
        secure: false,
        path: '',
        certificate: null,
        access: { kind: 'none' },
      },
    });
    await cli(['add', 'wcegfo9tbbml9l-8188.proxy.runpod.net']);
    expect(told('remote.add')).toMatchObject({ draft: { type: 'cloud', port: 443, secure: true } });
  });

  it('adds part by part, with secrets from the environment or standard input', async () => {
    const parts = ['add', '--type', 'cloud', '--host', 'comfy.example.com', '--port', '8443', '--https'];
    await cli([...parts, '--path', 'gpu/1', '--name', 'Studio', '--bearer-env', 'KEY'], {
      environment: { KEY: 's3cr3t' },
    });
    expect(told('remote.add')).toMatchObject({
      draft: {
        type: 'cloud',
        name: 'Studio',
        host: 'comfy.example.com',
        port: 8443,
        secure: true,
        path: '/gpu/1',
        access: { kind: 'bearer', token: 's3cr3t' },
      },
    });
    await cli([...parts, '--basic-env', 'ada=-'], { input: 'pass word\n' });
    expect(told('remote.add')).toMatchObject({
      draft: { access: { kind: 'basic', user: 'ada', password: 'pass word' } },
    });
    await cli([...parts, '--cloudflare-env', 'ID=SECRET'], { environment: { ID: 'i.access', SECRET: 's' } });
    expect(told('remote.add')).toMatchObject({
      draft: { access: { kind: 'cloudflare', clientId: 'i.access', clientSecret: 's' } },
    });
    const { out } = await cli([...parts, '--header-env', 'X-A=ONE', '--header-env', 'X-B=-', '--json'], {
      environment: { ONE: 'hidden-1' },
      input: 'hidden-2',
    });
    expect(told('remote.add')).toMatchObject({
      draft: {
        access: {
          kind: 'headers',
          headers: [
            { name: 'X-A', value: 'hidden-1' },
            { name: 'X-B', value: 'hidden-2' },
          ],
        },
      },
    });
    expect(out).not.toContain('hidden');
  });

  it('adds one of this machine', async () => {
    const { code, out } = await cli([
      'add',
      '--type',
      'local',
      '--gpu',
      '1',
      '--args=--lowvram',
      '--port',
      '8200',
    ]);
    expect(code).toBe(0);
    expect(out).toContain('start it with: ensemble start worker-1');
    expect(told('worker.add')).toMatchObject({ draft: { device: '1', extraArgs: '--lowvram', port: 8200 } });
  });

  it('tests before it adds when asked to, and adds nothing that fails', async () => {
    expect((await cli(['add', 'gpu-box-2:8188', '--test'])).code).toBe(0);
    expect(told('remote.add')).toBeDefined();
    world.center.calls.length = 0;
    world.answerTest = async () => SELF_SIGNED;
    const { code, out, err } = await cli(['add', 'gpu-box-2:8188', '--test']);
    expect(code).toBe(1);
    expect(err).toBe('gpu-box-2 is not added. Without --test it is.');
    expect(out).toContain('✗ Reachable');
    expect(told('remote.add')).toBeUndefined();
  });

  it('prints the ladder rung by rung as it is climbed, each rung once, and what others say inert', async () => {
    world.answerTest = async ({ testId }) => {
      const first = {
        ...GREEN.rungs,
        comfyui: { status: 'checking' } as const,
        nodes: waiting,
        models: waiting,
        files: waiting,
      };
      world.center.emit('climb', { testId, readiness: { ...GREEN, done: false, rungs: first } });
      world.center.emit('climb', { testId: 'somebody else', readiness: SELF_SIGNED });
      return GREEN;
    };
    const { code, out } = await cli(['test', 'gpu-box']);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      '✓ Reachable             Well.',
      '✓ ComfyUI               Well.',
      '✓ Node classes          Well.',
      '✓ Models                Well.',
      '✓ Files there and back  Well.',
      'ComfyUI 0.33.0, 3 ms, up / down 94 / 101 MB/s',
    ]);
    world.answerTest = async () => SELF_SIGNED;
    const broken = await cli(['test', 'http://10.0.0.7:8188']);
    expect(broken.code).toBe(1);
    expect(broken.out).toContain('Its certificate is ?[31mself-signed.');
    expect(broken.out).toContain('--trust AB:CD:01');
    expect(broken.out).toContain('– Models                Not tried');
    expect(JSON.parse((await cli(['test', 'gpu-box', '--json'])).out)).toMatchObject({ done: true });
  });

  it('tests with what is stored, and for a workflow', async () => {
    const file = path.join(world.data, 'workflow.json');
    await writeFile(file, '{"1":{}}');
    await cli(['test', 'W2'.toLowerCase(), '--workflow', file]);
    expect(told('remote.test')).toMatchObject({
      id: 'w2',
      workflow: '{"1":{}}',
      draft: { host: 'gpu-box.local', certificate: 'PEM', access: { kind: 'keep' }, path: '/comfy' },
    });
  });

  it('edits what is named, and nothing else', async () => {
    expect((await cli(['edit', 'gpu-box', '--name', 'Box', '--disable'])).out).toBe('Box is changed.');
    expect(told('remote.update')).toEqual({
      id: 'w2',
      draft: {
        type: 'remote',
        name: 'Box',
        host: 'gpu-box.local',
        port: 8188,
        secure: true,
        path: '/comfy',
        certificate: 'PEM',
        access: { kind: 'keep' },
      },
    });
    expect(told('instance.select')).toEqual({ id: 'w2', selected: false });
    await cli(['edit', 'w2', '--host', 'other.local', '--no-access']);
    expect(told('remote.update')).toMatchObject({
      draft: { host: 'other.local', path: '/comfy', certificate: null, access: { kind: 'none' } },
    });
    await cli(['edit', 'Worker 1', '--gpu', 'cpu', '--restart']);
    expect(told('worker.update')).toMatchObject({
      id: 'w1',
      restart: true,
      draft: { device: 'cpu', port: 8189 },
    });
    world.center.calls.length = 0;
    await cli(['edit', 'w2', '--enable']);
    expect(told('remote.update')).toBeUndefined();
    expect(told('instance.select')).toEqual({ id: 'w2', selected: true });
  });

  it('trusts the certificate with the fingerprint that was named, and no other one', async () => {
    world.answerTest = async () => SELF_SIGNED;
    expect((await cli(['add', 'https://gpu-box-2.local:8443', '--trust', 'sha256:abcd01'])).code).toBe(0);
    expect(told('remote.add')).toMatchObject({ draft: { certificate: 'PEM' } });
    world.center.calls.length = 0;
    const { code, err } = await cli(['add', 'https://gpu-box-2.local:8443', '--trust', 'AB:CD:02']);
    expect(code).toBe(1);
    expect(err).toContain('The server shows another certificate: SHA-256 AB:CD:01');
    expect(told('remote.add')).toBeUndefined();
    world.answerTest = async () => GREEN;
    expect((await cli(['edit', 'w2', '--trust', 'AB:CD:01'])).err).toContain('Leave out --trust.');
  });

  it('removes by name', async () => {
    const { code, out } = await cli(['remove', 'gpu-box']);
    expect({ code, out }).toEqual({ code: 0, out: 'gpu-box is removed.' });
    expect(told('worker.remove')).toEqual({ id: 'w2' });
  });
});
