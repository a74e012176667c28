import { runCommand, type Services } from '../store/services.ts';

/** The window has no other tabs: there the control center asks the system for its browser. */
export async function openInBrowser(services: Services, url: string): Promise<void> {
  if (services.desktop) await runCommand(services, 'shell.openGateway', {});
  else window.open(url, '_blank', 'noopener');
}
