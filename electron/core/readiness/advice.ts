import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { RemotePlace, RungState, ShownCertificate } from '../../../shared/remote.ts';
import { type FailureKind, kindOfFailure } from '../comfy/failure-kind.ts';

/** What a person can do about a rung that does not hold: pure, one place for all words. */

type Advice = readonly [remedy: string, command: string | null];

/** To be run on the machine of the server; other machines reach it then. */
export function listenCommand(port: number): string {
  return `python main.py --listen 0.0.0.0 --port ${port}`;
}

/** Whether somebody is there at all: everything else is about who that is. */
export function isReached(kind: FailureKind): boolean {
  return ['denied', 'redirect', 'web-page', 'proxy', 'not-comfyui', 'not-http'].includes(kind);
}

export function failedBy(
  error: unknown,
  place: RemotePlace,
  certificate: ShownCertificate | null,
): Extract<RungState, { readonly status: 'failed' }> {
  const kind = kindOfFailure(error);
  const detail = error instanceof EnsembleError ? error.message : `It failed: ${messageOf(error)}.`;
  const hint = error instanceof EnsembleError ? error.hint : null;
  const [remedy, command] = adviceFor(kind, place) ?? [hint, null];
  return { status: 'failed', detail, remedy, command, certificate };
}

function adviceFor(kind: FailureKind, { host, port, secure }: RemotePlace): Advice | null {
  const rented = secure && port === 443;
  switch (kind) {
    case 'refused':
      return [
        'The machine is there, but nothing listens on this port. Start ComfyUI there so that other machines reach it.',
        listenCommand(port),
      ];
    case 'silent':
      return rented
        ? ['Check that the rented machine is running and that the port of ComfyUI is exposed as HTTP.', null]
        : [
            `Check that the machine is on and on this network, and that its firewall lets port ${port} in.`,
            `sudo ufw allow ${port}/tcp`,
          ];
    case 'unknown-name':
      return host.endsWith('.proxy.runpod.net')
        ? ['Copy the address again from the pod’s Connect menu: it begins with the pod’s id.', null]
        : ['Check the spelling, or use its IP address.', null];
    case 'closed':
    case 'not-http':
      return secure
        ? null
        : ['If it speaks https, switch https on; otherwise another program is on this port.', null];
    case 'denied':
      return [
        'Enter what it asks for under Access: a token, a user and password, or a Cloudflare Access service token.',
        null,
      ];
    case 'web-page':
      return [
        'A login page, a captive portal of the network or another program answers. Open the address in a browser to see which.',
        null,
      ];
    case 'proxy':
      return ['Start ComfyUI behind the proxy, or wait until the machine is up.', listenCommand(8188)];
    case 'redirect':
      return ['Use the address that it leads to; http:// may have to be https://.', null];
    case 'not-comfyui':
      return ['Check host, port and path: ComfyUI answers /system_stats below this address.', null];
    default:
      return null;
  }
}
