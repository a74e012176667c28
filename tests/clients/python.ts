import path from 'node:path';
import { expect, it } from 'vitest';
import { at, call, list, until } from '../conformance/client.ts';
import { has, pythonWith, run, skipLoudly } from './programs.ts';
import { differentPictures, differentPngs, type Served } from './served.ts';

export const WEBSOCKET_CLIENT = 'websocket-client==1.9.2';
const COMFY_CLI = 'comfy-cli==1.23.0';
const fixture = (name: string): string => path.resolve('tests/clients/fixtures', name);

export function pythonClients(served: () => Served): void {
  const imagesOf = async (id: string): Promise<number> => {
    const entry = await until('its history', async () =>
      at((await call(`${served().url}/history/${id}`)).json, id),
    );
    return list(at(entry, 'outputs', '7', 'images')).length;
  };

  it('runs the calls of ComfyUI’s basic API example', async (context) => {
    if (!(await has('python3'))) return skipLoudly(context, 'there is no python3.');
    const { address, file, pictures } = served();
    const { stdout, stderr } = await run('python3', [fixture('basic_api.py'), address, (await file()).path]);
    expect(stderr).toBe('');
    expect(await imagesOf(stdout.trim())).toBe(pictures);
  });

  it('runs the calls of ComfyUI’s WebSocket API example', async (context) => {
    const python = await pythonWith(WEBSOCKET_CLIENT);
    if (typeof python === 'string') return skipLoudly(context, python);
    const { address, file, folder, pictures } = served();
    const target = await folder();
    const args = [fixture('websocket_api.py'), address, (await file()).path, target];
    const { code, stderr } = await run(path.join(python.bin, 'python'), args);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(await differentPictures(target)).toBe(pictures);
  });

  it('runs comfy run of comfy-cli', async (context) => {
    const python = await pythonWith(COMFY_CLI);
    if (typeof python === 'string') return skipLoudly(context, python);
    const { address, file, folder, pictures } = served();
    const [host = '', port = ''] = address.split(':');
    const where = ['--host', host, '--port', port];
    const home = await folder();
    const asked = ['run', '--workflow', (await file()).path, ...where, '--wait', '--timeout', '60'];
    const environment = { HOME: home, DO_NOT_TRACK: '1' };
    const comfy = path.join(python.bin, 'comfy');
    const { stdout } = await run(comfy, ['--skip-prompt', ...asked], { cwd: home, environment });
    const told: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(told).toMatchObject({ ok: true, error: null, data: { status: 'completed' } });
    const outputs = list(at(told, 'data', 'outputs')).map(String);
    const files = await Promise.all(outputs.map(async (url) => (await call(url)).bytes));
    expect(differentPngs(files)).toBe(pictures);
  });
}
