import type { CommandHandlers } from '../../../shared/contract.ts';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { DEFAULT_CONTROL_PORT, type PreferencePatch } from '../../../shared/settings.ts';
import type { AccessKey } from '../gateway/access/access-key.ts';
import { NO_GATEWAY } from '../gateway/gateway-feed.ts';
import type { HostServices } from '../host-services.ts';
import type { SettingsStore } from '../settings/store.ts';
import type { Setup } from '../setup.ts';

type GatewayCommands = Pick<
  CommandHandlers,
  'gateway.status' | 'gateway.token' | 'gateway.renewToken' | 'settings.update'
>;

export interface GatewayCommandDeps {
  readonly setup: Pick<Setup, 'isOpen' | 'active'>;
  readonly store: SettingsStore;
  readonly host: Pick<HostServices, 'setLaunchAtLogin'>;
  readonly key: AccessKey;
}

/** The ComfyUI address, and the settings, some of which move it. */
export function gatewayCommands({ setup, store, host, key }: GatewayCommandDeps): GatewayCommands {
  return {
    'gateway.status': async () => (setup.isOpen ? setup.active.gateway.gatewayStatus : NO_GATEWAY),
    'gateway.token': async () => ({ token: key.token }),
    'gateway.renewToken': async () => ({ token: await renewed(key) }),
    'settings.update': async ({ patch }) => {
      const save = () => store.update((settings) => ({ ...settings, ...patch }));
      const moves = patch.gatewayPort !== undefined || patch.gatewayOpen !== undefined;
      if (moves && setup.isOpen) await moveGateway(patch, setup, store, save);
      else await save();
      if (patch.launchAtLogin !== undefined) host.setLaunchAtLogin(patch.launchAtLogin);
      return null;
    },
  };
}

/** Only what can be had is written down. */
async function moveGateway(
  { gatewayPort, gatewayOpen }: PreferencePatch,
  { active }: Pick<Setup, 'active'>,
  { value }: SettingsStore,
  save: () => Promise<unknown>,
): Promise<void> {
  const port = gatewayPort ?? value.gatewayPort;
  const server = active.fleet.roster.find((definition) => definition.port === port);
  const owner = port === DEFAULT_CONTROL_PORT ? 'this page' : server?.name;
  if (owner !== undefined && gatewayPort !== undefined) {
    throw EnsembleError.badArgument(
      'gatewayPort',
      `Port ${port} belongs to ${owner}.`,
      'Choose another one.',
    );
  }
  await active.gateway.moveGateway(gatewayPort ?? null, gatewayOpen ?? value.gatewayOpen, save);
}

async function renewed(key: AccessKey): Promise<string> {
  try {
    return await key.renew();
  } catch (error) {
    throw new EnsembleError(
      'settings-unwritable',
      `The new token could not be kept: ${messageOf(error)}.`,
      'Make room on the disk; the old token still holds.',
    );
  }
}
