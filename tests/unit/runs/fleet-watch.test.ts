import { describe, expect, it, vi } from 'vitest';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import { Emitter, silentLogger } from '../../../electron/core/ports.ts';
import type { Attempts, OpenAttempt } from '../../../electron/core/runs/attempts.ts';
import { FLEET_LOOK_MS, FleetWatch } from '../../../electron/core/runs/fleet-watch.ts';
import type { RunFleet, RunServer } from '../../../electron/core/runs/run-fleet.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';
import { ManualClock } from '../../support/manual-clock.ts';

class Scene {
  readonly clock = new ManualClock();
  readonly changed = new Emitter<void>();
  readonly pump = vi.fn();
  readonly controller = new AbortController();
  readonly monitor = this.#monitor();
  instances: readonly InstanceSnapshot[] = [instanceSnapshot({ id: 'worker-1' })];
  current = this.monitor;
  readonly watch: FleetWatch;

  constructor() {
    const fleet: Pick<RunFleet, 'instances' | 'server' | 'onChange'> = {
      instances: () => this.instances,
      server: () => ({ monitor: this.current }) as RunServer,
      onChange: (listener) => this.changed.on(listener),
    };
    const attempt = {
      ...{ instanceId: 'worker-1', instanceName: 'Worker 1' },
      ...{ monitor: this.monitor, controller: this.controller },
    };
    this.watch = new FleetWatch({
      fleet: fleet as RunFleet,
      attempts: { all: [attempt as OpenAttempt] } as unknown as Attempts,
      clock: this.clock,
      pump: this.pump,
    });
    this.watch.start();
  }

  restart(): void {
    this.current = this.#monitor();
  }

  #monitor(): InstanceMonitor {
    const url = 'http://127.0.0.1:1';
    return new InstanceMonitor({ url, clock: this.clock, logger: silentLogger, random: () => 0.5 });
  }
}

describe('FleetWatch', () => {
  it('looks at the first change at once, and at many more of them once', () => {
    const { changed, clock, pump } = new Scene();
    changed.emit();
    expect(pump).toHaveBeenCalledTimes(1);
    for (let change = 0; change < 50; change += 1) changed.emit();
    expect(pump).toHaveBeenCalledTimes(1);
    clock.advance(FLEET_LOOK_MS);
    expect(pump).toHaveBeenCalledTimes(2);
    clock.advance(10 * FLEET_LOOK_MS);
    expect(pump).toHaveBeenCalledTimes(2);
    changed.emit();
    expect(pump).toHaveBeenCalledTimes(3);
  });

  it('lets go of what ran on a server that was restarted, also in the middle of many changes', () => {
    const scene = new Scene();
    scene.changed.emit();
    expect(scene.controller.signal.aborted).toBe(false);
    scene.restart();
    scene.changed.emit();
    scene.clock.advance(FLEET_LOOK_MS);
    expect(String(scene.controller.signal.reason)).toContain('Worker 1 was restarted.');
  });

  it('lets go of what ran on an instance that is gone', () => {
    const scene = new Scene();
    scene.instances = [];
    scene.changed.emit();
    expect(String(scene.controller.signal.reason)).toContain('Worker 1 was removed from the fleet.');
  });

  it('does nothing any more once it is closed', () => {
    const { changed, clock, pump, watch } = new Scene();
    changed.emit();
    changed.emit();
    watch.close();
    clock.advance(FLEET_LOOK_MS);
    changed.emit();
    expect(pump).toHaveBeenCalledTimes(1);
    expect(clock.pending).toBe(0);
  });
});
