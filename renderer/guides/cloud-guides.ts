import { climbs, hasOne, workersOf } from './checks.ts';
import { askWithToken, command, INSTALL_CLOUDFLARED, startComfy } from './commands.ts';
import type { Guide, GuideFacts, GuideValues } from './guide.ts';
import { added, ladder } from './worker-guides.ts';

/** Workers of other clouds, and behind tunnels. Pure. */

const HTTPS = '443';
const QUICK_HOST = /\.trycloudflare\.com$/i;

export function cloudGuide({ instances }: GuideFacts, values: GuideValues): Guide {
  const workers = workersOf(instances, 'cloud');
  return {
    id: 'cloud',
    title: 'Other clouds',
    intro:
      'Any machine with a GPU and a plain ComfyUI that is reached by https. It needs no address of yours.',
    fields: ['host', 'port', 'folder'],
    steps: [
      {
        title: 'Start ComfyUI there, for that machine alone',
        text: 'It has no password: what lets the world in comes next, and asks for one. It needs the models and custom nodes of your workflows.',
        commands: startComfy(values, false),
      },
      {
        title: 'Https in front of it',
        text: 'A reverse proxy that gets its certificate by itself and lets in who has the token; or a tunnel, which has a guide of its own.',
        commands: [
          { label: 'Caddyfile', text: caddyfile(values) },
          { label: 'Start it', text: 'TOKEN=… caddy run --config Caddyfile' },
        ],
      },
      {
        title: 'See whether it answers',
        text: 'With the token it prints a few lines about the machine, without it nothing.',
        commands: [askWithToken('On this machine', `https://${values.host}/system_stats`)],
      },
      added('cloud', { host: values.host, port: HTTPS }, hasOne(workers, 'cloud worker')),
      ladder(climbs(workers, 'cloud worker')),
    ],
  };
}

function caddyfile({ host, port }: GuideValues): string {
  return [
    `${host} {`,
    '\t@known header Authorization "Bearer {$TOKEN}"',
    `\treverse_proxy @known 127.0.0.1:${port}`,
    '\trespond 401',
    '}',
  ].join('\n');
}

export function workerTunnelGuide({ instances }: GuideFacts, values: GuideValues): Guide {
  const workers = workersOf(instances, 'cloud').filter(
    ({ host }) => QUICK_HOST.test(host) || host === values.name,
  );
  const url = `http://127.0.0.1:${values.port}`;
  return {
    id: 'worker-tunnel',
    title: 'A tunnel to a worker',
    intro:
      'For a machine that cannot be reached from here: behind a router, or in a cloud without https. Cloudflare’s program on it carries its ComfyUI out.',
    fields: ['port', 'folder', 'name'],
    steps: [
      { title: 'Get cloudflared there', text: 'From its official release.', commands: INSTALL_CLOUDFLARED },
      {
        title: 'Start ComfyUI there, for that machine alone',
        text: 'Without --listen: the tunnel comes from the same machine.',
        commands: startComfy(values, false),
      },
      {
        title: 'Open the tunnel there',
        text: 'It prints a name that ends in trycloudflare.com. Each GPU has a port of its own and needs a tunnel of its own.',
        commands: [
          command('Linux, macOS', ['./cloudflared', 'tunnel', '--url', url]),
          command('Windows', ['cloudflared', 'tunnel', '--url', url], 'win32'),
        ],
      },
      {
        title: 'Keep strangers out',
        text: 'ComfyUI has no password: whoever learns that name can use the worker. For more than a trial, route a name of your own to a named tunnel and put Cloudflare Access in front of it; its client id and secret go into the access fields of the worker here.',
      },
      added('cloud', { host: values.name, port: HTTPS }, hasOne(workers, 'worker behind a tunnel')),
      ladder(climbs(workers, 'worker behind a tunnel')),
    ],
  };
}
