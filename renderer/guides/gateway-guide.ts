import { publicUrlOf, type TunnelStatus } from '../../shared/tunnel.ts';
import { askWithToken, command, INSTALL_CLOUDFLARED } from './commands.ts';
import type { Guide, GuideCheck, GuideFacts, GuideStep, GuideValues } from './guide.ts';

/** The whole fleet from anywhere. Pure. */
export function gatewayTunnelGuide({ gateway, tunnel }: GuideFacts, { name }: GuideValues): Guide {
  const url = gateway?.url ?? null;
  const open = tunnel === null ? null : publicUrlOf(tunnel.state);
  return {
    id: 'gateway-tunnel',
    title: 'A tunnel to the whole fleet',
    intro:
      'Use the fleet from anywhere, as if it were one ComfyUI. Workers never need this: this machine connects to them.',
    fields: ['name'],
    steps: [
      addressStep(url),
      programStep(tunnel),
      openStep(open),
      ownNameStep(url, name),
      comeInStep(open ?? `https://${name}`),
    ],
  };
}

const START = ['npx', 'ensemble', 'tunnel', 'start'];

function addressStep(url: string | null): GuideStep {
  return {
    title: 'The ComfyUI address',
    text: 'It is what the tunnel leads to. Every GPU of the fleet is behind it.',
    check:
      url === null
        ? { done: false, words: 'There is none now; the notifications say why.' }
        : { done: true, words: `It is ${url}.` },
  };
}

function programStep(tunnel: TunnelStatus | null): GuideStep {
  return {
    title: 'cloudflared on this machine',
    text: 'Settings can download it, checked against the checksum that its release publishes. Or install it yourself:',
    commands: INSTALL_CLOUDFLARED,
    action: { kind: 'settings', label: 'Open Settings' },
    check: programCheck(tunnel),
  };
}

function openStep(open: string | null): GuideStep {
  return {
    title: 'Open the tunnel',
    text: 'A quick one needs no account; its name changes with every start. Whoever has the token of the ComfyUI address gets in, and nobody else.',
    commands: [command('Command line', START)],
    action: { kind: 'dialog', label: 'Open a tunnel…', dialog: { kind: 'tunnel-open' } },
    check:
      open === null ? { done: false, words: 'It is closed.' } : { done: true, words: `It is open: ${open}.` },
  };
}

function ownNameStep(url: string | null, name: string): GuideStep {
  const start = command('', [...START, '--host', name]).text;
  return {
    title: 'A name of your own, if you like',
    text: `In the Cloudflare dashboard, under Networks, Tunnels: create a tunnel and route the name to ${url ?? 'the ComfyUI address'}, type HTTP. Its token is given once and kept with your other secrets.`,
    commands: [
      {
        label: 'Command line (bash; the token is typed unseen)',
        text: `read -rs TUNNEL_TOKEN && export TUNNEL_TOKEN && ${start}`,
      },
    ],
  };
}

function comeInStep(url: string): GuideStep {
  return {
    title: 'Come in from elsewhere',
    text: 'Browsers sign in once with the link or the QR code of Settings, “Tunnel”; programs send the token with every request.',
    commands: [
      command('Shows the token', ['npx', 'ensemble', 'gateway', '--show-token']),
      askWithToken('A program', `${url}/queue`),
    ],
  };
}

function programCheck(tunnel: TunnelStatus | null): GuideCheck {
  if (tunnel === null) return { done: false, words: 'It is being looked for.' };
  const { program } = tunnel;
  switch (program.status) {
    case 'found':
      return { done: true, words: `Version ${program.version} is at ${program.path}.` };
    case 'downloading':
      return { done: false, words: 'It is being downloaded.' };
    default:
      return { done: false, words: program.reason };
  }
}
