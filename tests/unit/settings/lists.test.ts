import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../electron/core/settings/schema.ts';

const local = { id: 'worker-1', type: 'local', name: 'Here', port: 8189, device: 'cpu' };
const remote = {
  id: 'worker-2',
  type: 'remote',
  name: 'There',
  host: 'gpu.local',
  port: 8188,
  secure: false,
};
const agent = { id: 'a-1', name: 'Box', host: '10.0.0.2', port: 8290, certificate: 'PEM', known: [] };
const command = {
  ...{ id: 'slurm', kind: 'command', name: 'Slurm', enabled: true },
};

const read = (settings: object) => {
  const reading = readSettings(JSON.stringify({ version: 1, ...settings }));
  if (reading.status === 'broken') throw new Error('broken');
  return reading;
};

describe('lists in the settings file', () => {
  it('lose what makes no sense, and nothing else', () => {
    const { settings, problems } = read({
      workers: [local, { ...remote, port: 0 }, remote, { ...local, name: 'Twin' }, 7],
      agents: [{ ...agent, certificate: '' }, agent],
    });
    expect(settings.workers.map(({ name }) => name)).toEqual(['Here', 'There']);
    expect(settings.agents.map(({ name }) => name)).toEqual(['Box']);
    expect(problems).toEqual([
      'Worker 2 in the settings file was not valid (port) and was left out.',
      'Worker 4 in the settings file was not valid (id) and was left out.',
      'Worker 5 in the settings file was not valid (no object) and was left out.',
      'Paired machine 1 in the settings file was not valid (certificate) and was left out.',
    ]);
  });

  it('keep a worker elsewhere as it was written, with what older files lack filled in', () => {
    const [worker] = read({ workers: [{ ...remote, note: 'mine' }] }).settings.workers;
    expect(worker).toEqual({
      ...remote,
      note: 'mine',
      path: '',
      certificate: null,
      selected: true,
      source: null,
    });
  });

  it('are told when they are none', () => {
    expect(read({ workers: {}, providers: [command, null] }).problems).toEqual([
      '“workers” in the settings file was not a list; there are none now.',
      expect.stringMatching(/^Provider 1 in the settings file was not valid/),
      'Provider 2 in the settings file was not valid (no object) and was left out.',
    ]);
  });
});
