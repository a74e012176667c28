import type { GatewayStatus } from '../../shared/contract.ts';
import { runCommand, type Services } from '../store/services.ts';
import { addressFrom } from './gateway-words.ts';

/** Opens the ComfyUI page of the whole fleet in a browser. */
export async function openGateway(services: Services, status: GatewayStatus): Promise<void> {
  if (services.desktop) {
    await runCommand(services, 'shell.openGateway', {});
    return;
  }
  const address = addressFrom(status, window.location.hostname);
  if (address !== null) window.open(address, '_blank', 'noopener');
}

/** For whoever does not know how it is: it is asked first. */
export async function openGatewayPage(services: Services): Promise<void> {
  const status = await runCommand(services, 'gateway.status', {});
  if (status !== null) await openGateway(services, status);
}
