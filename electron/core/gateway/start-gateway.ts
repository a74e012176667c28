import { messageOf, toEnvelope } from '../../../shared/errors.ts';
import type { Runs } from '../runs/open-runs.ts';
import { Gateway, type GatewayDeps } from './gateway.ts';

/** A fleet whose gateway cannot be had is still a fleet: what is wrong is told, and everything else goes on. */

/** To be opened before the runs, which it looks on at. */
export function openGateway(deps: GatewayDeps): Gateway | null {
  try {
    return new Gateway(deps);
  } catch (error) {
    deps.notices.add('error', 'The fleet has no ComfyUI address', messageOf(error));
    return null;
  }
}

/** @param reserved ports that servers of the fleet will want */
export async function serveGateway(
  gateway: Gateway | null,
  runs: Runs,
  port: number,
  reserved: ReadonlySet<number>,
  { notices }: Pick<GatewayDeps, 'notices'>,
): Promise<void> {
  if (gateway === null) return;
  gateway.attach(runs);
  try {
    await gateway.address.listen(port, reserved);
  } catch (error) {
    const { message, hint } = toEnvelope(error);
    notices.add('error', 'The fleet has no ComfyUI address', `${message} ${hint ?? ''}`.trim());
  }
}
