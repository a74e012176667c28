import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { BehaviourScript } from '../../../electron/simulator/script.ts';
import type { SmiFault } from '../../../electron/simulator/smi.ts';
import { createWorld, type SimulatedGpu } from '../../../electron/simulator/world.ts';
import { distFile } from '../../setup/dist.ts';
import type { Workplace } from './workplace.ts';

const QUICK: BehaviourScript = { bootMs: 150, stepMs: 20, modelLoadMs: 10 };

/**
 * A folder that looks like ComfyUI to everyone who checks, with a "Python" that becomes a simulated server: the real
 * set-up path without GPUs and Python. Each server's behaviour is read at each of its starts.
 */
export class FakeComfy {
  readonly root: string;
  readonly python: string;

  constructor(
    private readonly place: Workplace,
    name = 'ComfyUI',
  ) {
    this.root = place.file(name);
    for (const folder of ['comfy', 'input', 'output']) {
      mkdirSync(path.join(this.root, folder), { recursive: true });
    }
    place.write('# started by the fake Python\n', name, 'main.py');
    place.write('', name, 'nodes.py');
    place.write('__version__ = "0.33.0"\n', name, 'comfyui_version.py');
    this.python = place.write(this.#pythonScript(), name, 'venv', 'bin', 'python');
    chmodSync(this.python, 0o755);
    this.behave({});
  }

  /** @param port of the one server; without it, of every server that has no own */
  behave(script: BehaviourScript, port?: number): void {
    this.place.write({ ...QUICK, ...script }, 'behaviour', `${port ?? 'all'}.json`);
  }

  /** How often a server was started on this port, `--help` not counted. */
  starts(port: number): number {
    const file = this.place.file('starts', String(port));
    return existsSync(file) ? readFileSync(file, 'utf8').length : 0;
  }

  #pythonScript(): string {
    const { place } = this;
    mkdirSync(place.file('starts'), { recursive: true });
    return [
      '#!/bin/sh',
      'case "$1" in -c) echo "missing:"; exit 0 ;; --version) echo "Python 3.12.4"; exit 0 ;; esac',
      'shift',
      'before= port=all',
      'for word do [ "$before" = --port ] && port=$word; before=$word; done',
      `[ "$port" = all ] || printf x >> "${place.file('starts')}/$port"`,
      `script="${place.file('behaviour')}/$port.json"`,
      `[ -f "$script" ] || script="${place.file('behaviour', 'all.json')}"`,
      'ENSEMBLE_SIM=$(cat "$script") export ENSEMBLE_SIM',
      `ENSEMBLE_SIM_WORLD="${place.file('world')}" export ENSEMBLE_SIM_WORLD`,
      `exec "${process.execPath}" "${distFile('simulator.cjs')}" comfyui "$@"`,
      '',
    ].join('\n');
  }
}

/** An nvidia-smi on the PATH of the workplace, before a simulated machine; its faults come and go while it is used. */
export class FakeSmi {
  private constructor(
    private readonly place: Workplace,
    readonly gpus: readonly SimulatedGpu[],
  ) {}

  static async create(place: Workplace, count: number): Promise<FakeSmi> {
    const { gpus } = await createWorld(place.file('world'), count);
    const fault = place.file('smi-fault');
    const file = place.write(
      [
        '#!/bin/sh',
        `[ ! -f "${fault}" ] || { ENSEMBLE_SIM_SMI=$(cat "${fault}"); export ENSEMBLE_SIM_SMI; }`,
        `ENSEMBLE_SIM_WORLD="${place.file('world')}" export ENSEMBLE_SIM_WORLD`,
        `exec "${process.execPath}" "${distFile('simulator.cjs')}" nvidia-smi "$@"`,
        '',
      ].join('\n'),
      'bin',
      'nvidia-smi',
    );
    chmodSync(file, 0o755);
    return new FakeSmi(place, gpus);
  }

  fault(fault: SmiFault | null): void {
    if (fault === null) rmSync(this.place.file('smi-fault'), { force: true });
    else this.place.write(fault, 'smi-fault');
  }
}
