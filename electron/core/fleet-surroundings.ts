import { DEFAULT_CONTROL_PORT } from '../../shared/settings.ts';
import type { FleetSurroundings } from './active-fleet.ts';
import { InstanceMonitor } from './comfy/monitor.ts';
import type { ControlCenterOptions } from './control-center.ts';
import type { FleetState } from './fleet/fleet-state.ts';
import type { GatewayAccess } from './gateway/gateway.ts';
import type { HostMetrics } from './gpu/host-metrics.ts';
import type { Notices } from './notices.ts';
import type { Clock } from './ports.ts';
import type { Climber } from './readiness/climber.ts';
import type { RunFeed } from './runs/run-feed.ts';
import type { SettingsStore } from './settings/store.ts';

export interface SurroundingParts {
  readonly options: ControlCenterOptions;
  readonly state: FleetState;
  readonly notices: Notices;
  readonly feed: RunFeed;
  readonly store: SettingsStore;
  readonly hostMetrics: HostMetrics;
  readonly clock: Clock;
  readonly access: GatewayAccess;
  readonly climber: Climber;
}

/** What every fleet of this control center shares, but for what only its owner knows. */
export function surroundings(parts: SurroundingParts): Omit<FleetSurroundings, 'onGateway' | 'keeperOf'> {
  const { options, state, notices, feed, store, hostMetrics, clock, access, climber } = parts;
  const { logger, runtime, environment, platform } = options;
  const random = Math.random;
  return {
    state,
    notices,
    feed,
    access,
    clock,
    random,
    logger,
    runtime,
    environment,
    platform,
    preferences: () => store.value,
    onPreferences: (listener) => store.onChange(listener),
    reservedPorts: () =>
      new Map([
        [store.value.gatewayPort, 'the fleet’s own ComfyUI address'],
        [DEFAULT_CONTROL_PORT, 'this page'],
      ]),
    ownHosts: () => [
      access.machine.hostname().toLowerCase(),
      ...access.machine.addresses().map((address) => address.replace(/^\[|\]$/g, '')),
    ],
    climber,
    memory: () => {
      const { memoryUsed, memoryTotal } = hostMetrics.sample;
      return memoryUsed === null || memoryTotal === null ? null : { used: memoryUsed, total: memoryTotal };
    },
    probe: (url, signal) => new InstanceMonitor({ url, clock, logger, random }).probe(signal),
  };
}
