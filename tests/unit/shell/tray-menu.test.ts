import { describe, expect, it } from 'vitest';
import { trayMenu as menuOf, type TrayItem, trayTooltip } from '../../../electron/shell/tray-menu.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../../shared/model.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const GATEWAY = 'http://127.0.0.1:8200';
const trayMenu = (snapshot: FleetSnapshot) => menuOf(snapshot, GATEWAY);
const MASTER = instanceSnapshot({ id: MASTER_ID, role: 'master', name: 'Master' });
const STOPPED = { status: 'stopped', since: 0 } as const;
const FAILURE = {
  cause: 'out-of-vram',
  summary: 'Ran out of GPU memory',
  remedy: null,
  exitCode: 1,
  signal: null,
  lastLines: [],
  at: 0,
} as const;

function fleet(instances: readonly InstanceSnapshot[], change: Partial<FleetSnapshot> = {}): FleetSnapshot {
  return {
    epoch: 'e',
    revision: 1,
    setup: { status: 'no-comfyui' },
    mode: 'participating',
    masterParticipates: true,
    gpuInventory: { status: 'searching' },
    gpus: [],
    instances,
    ...change,
  };
}

/** "text" or "(text)" when it cannot be clicked, two spaces deeper in a submenu. */
function read(items: readonly TrayItem[], indent = ''): readonly string[] {
  return items.flatMap((item): readonly string[] => {
    if (item.kind === 'separator') return [];
    if (item.kind === 'submenu') return [indent + item.text, ...read(item.items, `${indent}  `)];
    const clickable = item.kind === 'action' && item.enabled;
    return [clickable ? indent + item.text : `${indent}(${item.text})`];
  });
}

function actionOf(items: readonly TrayItem[], text: string): unknown {
  for (const item of items) {
    if (item.kind === 'action' && item.text === text) return item.action;
    const inner = item.kind === 'submenu' ? actionOf(item.items, text) : null;
    if (inner !== null) return inner;
  }
  return null;
}

describe('the tray menu', () => {
  it('offers what each server can do now', () => {
    const menu = trayMenu(fleet([MASTER, instanceSnapshot({ process: STOPPED, queue: null })]));
    expect(read(menu)).toEqual([
      '(1 of 2 ready)',
      'Master: Ready',
      '  (Launch Master)',
      '  Stop Master',
      '  Open Master',
      'Worker 1: Stopped',
      '  Launch Worker 1',
      '  (Stop Worker 1)',
      '  (Open Worker 1)',
      'Launch all',
      'Stop all',
      'Open the ComfyUI page',
      'Copy ComfyUI address',
      'Show Comfy Ensemble',
      'Quit',
    ]);
  });

  it('sends commands of the contract', () => {
    const menu = trayMenu(fleet([MASTER, instanceSnapshot({ process: STOPPED })]));
    expect(actionOf(menu, 'Stop Master')).toEqual({ command: 'instance.stop', args: { id: 'master' } });
    expect(actionOf(menu, 'Launch Worker 1')).toEqual({
      command: 'instance.start',
      args: { id: 'worker-1' },
    });
    expect(actionOf(menu, 'Open the ComfyUI page')).toEqual({ command: 'shell.openGateway', args: {} });
    expect(actionOf(menu, 'Copy ComfyUI address')).toEqual({ copy: GATEWAY });
    expect(actionOf(menu, 'Open Master')).toEqual({ command: 'shell.openInstance', args: { id: 'master' } });
    expect(actionOf(menu, 'Launch all')).toEqual({ command: 'fleet.startAll', args: {} });
    expect(actionOf(menu, 'Stop all')).toEqual({ command: 'fleet.stopAll', args: {} });
    expect(actionOf(menu, 'Quit')).toEqual({ shell: 'quit' });
  });

  it('does not change while a countdown or a start-up step does', () => {
    const waiting = (until: number): InstanceSnapshot =>
      instanceSnapshot({ process: { status: 'backing-off', since: 0, until, attempt: 2, failure: FAILURE } });
    expect(trayMenu(fleet([waiting(4000)]))).toEqual(trayMenu(fleet([waiting(3000)])));
    expect(read(trayMenu(fleet([waiting(4000)])))).toContain('Worker 1: Restarting');

    const starting = (label: string): InstanceSnapshot =>
      instanceSnapshot({
        process: {
          status: 'starting',
          since: 0,
          generation: 1,
          pid: 1,
          step: { label, fraction: 0 },
          attempt: 1,
        },
      });
    expect(trayMenu(fleet([starting('Loading nodes')]))).toEqual(trayMenu(fleet([starting('Listening')])));
    expect(read(trayMenu(fleet([starting('Listening')])))).toContain('Worker 1: Starting');
  });

  it('offers the ComfyUI address only where there is one, and its page only while the master answers', () => {
    expect(read(menuOf(fleet([MASTER]), null))).toContain('(Copy ComfyUI address)');
    expect(read(menuOf(fleet([MASTER]), null))).toContain('(Open the ComfyUI page)');
    const stopped = trayMenu(fleet([{ ...MASTER, process: STOPPED, link: { status: 'unknown' } }]));
    expect(read(stopped)).toContain('(Open the ComfyUI page)');
    expect(read(stopped)).toContain('Copy ComfyUI address');
  });

  it('never offers to stop somebody else’s server', () => {
    const menu = trayMenu(fleet([{ ...MASTER, control: 'attached' }]));
    expect(read(menu)).toContain('  (Stop Master)');
    expect(read(menu)).toContain('(Stop all)');
  });

  it('says what there is when there are no servers', () => {
    expect(read(trayMenu(fleet([])))[0]).toBe('(No servers yet)');
    expect(read(trayMenu(fleet([], { setup: { status: 'searching' } })))[0]).toBe('(Looking for ComfyUI)');
  });
});

describe('the tooltip', () => {
  it('gives the pulse, and says that a demo is one', () => {
    const busy = instanceSnapshot({ queue: 2 });
    expect(trayTooltip(fleet([MASTER, busy]))).toBe('Comfy Ensemble: 2 of 2 ready, 2 queued');
    const demo = fleet([MASTER], { setup: { status: 'demo', gpus: 4 } });
    expect(trayTooltip(demo)).toBe('Comfy Ensemble: Demo fleet (simulated): 1 of 1 ready');
  });
});
