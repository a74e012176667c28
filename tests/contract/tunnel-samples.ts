import type { TunnelCommands, TunnelStatus } from '../../shared/tunnel.ts';

/** One honest call of every command about the tunnel, and an answer to it. */

export const tunnelStatus: TunnelStatus = {
  state: {
    ...{ status: 'up', kind: 'quick', since: 1, connections: 1 },
    url: 'https://calm-river-otter-song.trycloudflare.com',
  },
  program: {
    ...{ status: 'found', source: 'downloaded', version: '2026.9.1' },
    path: '/data/tunnel/cloudflared',
    sha256: '3c6a5ba995a258dbe90f98e5fdb2c2620b7be72c3ca761614f6eb52aee252cea',
  },
  target: 'http://127.0.0.1:8200',
  hasToken: false,
};

type Sample<C extends keyof TunnelCommands> = Readonly<TunnelCommands[C]>;

export const TUNNEL_SAMPLES: { readonly [C in keyof TunnelCommands]: Sample<C> } = {
  'tunnel.status': { args: {}, result: tunnelStatus },
  'tunnel.start': { args: { kind: 'named', host: 'comfy.example.com', token: 'eyJhIjoi✓' }, result: null },
  'tunnel.stop': { args: {}, result: null },
  'tunnel.download': {
    args: {},
    result: { path: '/data/tunnel/cloudflared', version: '2026.9.1', sha256: 'ab'.repeat(32) },
  },
  'tunnel.log': {
    args: { after: null, limit: 100, waitMs: 0 },
    result: {
      lines: [{ seq: 0, at: 1, level: 'info', text: 'INF Registered tunnel connection connIndex=0' }],
      ...{ dropped: 0, first: 0, next: 1, file: '/data/tunnel/cloudflared.log' },
    },
  },
};
