import type { CommandHandlers, DoctorReport, SystemInfo } from '../../../shared/contract.ts';
import type { ActiveFleet } from '../active-fleet.ts';
import type { FleetState } from '../fleet/fleet-state.ts';
import type { HostServices } from '../host-services.ts';
import type { Notices } from '../notices.ts';
import type { SettingsStore } from '../settings/store.ts';
import type { Telemetry } from '../telemetry.ts';

type SystemCommands = Pick<
  CommandHandlers,
  | 'system.info'
  | 'system.quit'
  | 'doctor.run'
  | 'fleet.snapshot'
  | 'telemetry.history'
  | 'settings.get'
  | 'notices.list'
  | 'notices.clear'
  | 'shell.pickFolder'
  | 'shell.openInstance'
>;

export interface SystemCommandDeps {
  readonly state: FleetState;
  readonly telemetry: Telemetry;
  readonly notices: Notices;
  readonly store: SettingsStore;
  readonly host: HostServices;
  readonly active: () => ActiveFleet;
  readonly info: () => SystemInfo;
  readonly doctor: () => Promise<DoctorReport>;
}

/** The control center itself: what it is, its preferences, its memory of events, its host's dialogs. */
export function systemCommands(deps: SystemCommandDeps): SystemCommands {
  const { state, telemetry, notices, store, host, active } = deps;
  return {
    'system.info': async () => deps.info(),
    'system.quit': async () => {
      host.quit();
      return null;
    },
    'doctor.run': async () => deps.doctor(),
    'fleet.snapshot': async () => state.snapshot(),
    'telemetry.history': async () => telemetry.history,
    'settings.get': async () => store.value,
    'notices.list': async () => notices.list,
    'notices.clear': async () => {
      notices.clear();
      return null;
    },
    'shell.pickFolder': async ({ title }) => {
      const path = await host.pickFolder(title);
      return path === null ? null : { path };
    },
    'shell.openInstance': async ({ id }) => {
      const { url } = active().fleet.get(id).address;
      await host.openExternal(url);
      return { url };
    },
  };
}
