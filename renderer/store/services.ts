import { createContext, useCallback, useContext } from 'react';
import { useStore } from 'zustand';
import type { CommandArgs, CommandName, CommandResult, ControlClient } from '../../shared/contract.ts';
import type { ProvidersState } from '../../shared/providers.ts';
import { createFleetStore, type FleetState, type FleetStore } from './fleet-store.ts';
import { createProvidersStore, type ProvidersStore } from './providers-store.ts';
import { createRunsStore, type RunsState, type RunsStore } from './runs-store.ts';
import { createSettingsStore, type SettingsState, type SettingsStore } from './settings-store.ts';
import { createTelemetryStore, type TelemetryState, type TelemetryStore } from './telemetry-store.ts';
import { createToastStore, type ToastState, type ToastStore } from './toast-store.ts';
import { createUiStore, type UiState, type UiStore } from './ui-store.ts';

/** Everything a component may reach. */
export interface Services {
  readonly client: ControlClient;
  readonly fleet: FleetStore;
  readonly telemetry: TelemetryStore;
  readonly settings: SettingsStore;
  readonly runs: RunsStore;
  readonly providers: ProvidersStore;
  readonly ui: UiStore;
  readonly toasts: ToastStore;
  /** Inside the desktop window: links open through the control center. In a browser the page opens them. */
  readonly desktop: boolean;
}

export function createServices(client: ControlClient, desktop: boolean): Services {
  return {
    client,
    fleet: createFleetStore(client),
    telemetry: createTelemetryStore(client),
    settings: createSettingsStore(client),
    runs: createRunsStore(client),
    providers: createProvidersStore(client),
    ui: createUiStore(),
    toasts: createToastStore(),
    desktop,
  };
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('ServicesContext is missing above this component.');
  return services;
}

export const useClient = (): ControlClient => useServices().client;
export const useFleet = <T>(select: (state: FleetState) => T): T => useStore(useServices().fleet, select);
export const useTelemetry = <T>(select: (state: TelemetryState) => T): T =>
  useStore(useServices().telemetry, select);
export const useSettings = <T>(select: (state: SettingsState) => T): T =>
  useStore(useServices().settings, select);
export const useRuns = <T>(select: (state: RunsState) => T): T => useStore(useServices().runs, select);
export const useProviders = (): ProvidersState | null =>
  useStore(useServices().providers, ({ state }) => state);
export const useUi = <T>(select: (state: UiState) => T): T => useStore(useServices().ui, select);
export const useToasts = <T>(select: (state: ToastState) => T): T => useStore(useServices().toasts, select);

export type Run = <C extends CommandName>(
  command: C,
  args: CommandArgs<C>,
) => Promise<CommandResult<C> | null>;

/** Invokes a command; a refusal becomes a toast and null, so that callers need no handling of their own. */
export function useRun(): Run {
  const services = useServices();
  return useCallback((command, args) => runCommand(services, command, args), [services]);
}

export async function runCommand<C extends CommandName>(
  services: Services,
  command: C,
  args: CommandArgs<C>,
): Promise<CommandResult<C> | null> {
  try {
    return await services.client.invoke(command, args);
  } catch (error) {
    services.toasts.getState().showError(error);
    return null;
  }
}
