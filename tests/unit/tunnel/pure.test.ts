import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTunnel, tunnelMarker } from '../../../electron/core/tunnel/command-line.ts';
import { nextTunnelState, type TunnelEvent } from '../../../electron/core/tunnel/machine.ts';
import { deathOf, neverReady, quickHostIn } from '../../../electron/core/tunnel/output.ts';
import { fileNameFor, releaseFileOf } from '../../../electron/core/tunnel/release.ts';
import { decideRetry } from '../../../electron/core/tunnel/retry-policy.ts';
import { fileInTarball } from '../../../electron/core/tunnel/tar.ts';
import { PUBLIC_NAME, publicUrlOf, type TunnelState } from '../../../shared/tunnel.ts';
import { tarOf } from './tar-of.ts';

const AT = '2026-11-24T15:00:00Z';
const EXIT = { code: 1, signal: null };

describe('what the output says', () => {
  it('takes the name out of the box, and out of nothing else', () => {
    const box = `${AT} INF |  https://calm-otter.trycloudflare.com                              |`;
    expect(quickHostIn(box)).toBe('calm-otter.trycloudflare.com');
    for (const line of [
      `${AT} ERR failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": EOF`,
      `${AT} INF |  https://api.trycloudflare.com   |`,
      `${AT} INF |  https://calm.trycloudflare.com.evil.example   |`,
      `${AT} ERR Request failed dest=https://calm-otter.trycloudflare.com/ event=0 type=http`,
      `${AT} INF |  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):  |`,
      `${AT} INF Requesting new quick Tunnel on trycloudflare.com...`,
    ]) {
      expect(quickHostIn(line), line).toBeNull();
    }
  });

  it.each([
    [
      'ERR Error unmarshaling QuickTunnel response: error code: 1015 status_code="429 Too Many Requests"',
      /no more quick tunnels/,
      'later',
    ],
    [
      'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": no such host',
      /could not be reached/,
      'again',
    ],
    ["failed to unmarshal quick Tunnel: invalid character '<'", /an answer that is none/, 'again'],
    ['Provided Tunnel token is not valid.', /no tunnel token/, 'never'],
    [
      'ERR Register tunnel error from server side error="Unauthorized: Invalid tunnel secret"',
      /does not accept/,
      'never',
    ],
    ['Incorrect Usage: flag provided but not defined: -config', /too old/, 'never'],
    [
      'ERR Failed to dial a quic connection error="failed to dial to edge with quic: timeout"',
      /not be connected/,
      'again',
    ],
    [
      `${AT} ERR Initiating shutdown error="gone"`,
      /^cloudflared ended: Initiating shutdown error="gone" \(exit code 1\)\.$/,
      'again',
    ],
    ['', /^cloudflared ended \(exit code 1\)\.$/, 'again'],
  ] as const)('explains %s', (line, reason, retry) => {
    const death = deathOf([line], EXIT);
    expect(death.reason).toMatch(reason);
    expect(death).toMatchObject({ retry });
  });

  it('keeps the last 20 lines, and stands any output', () => {
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    expect(deathOf(lines, EXIT).lines).toEqual(lines.slice(-20));
    fc.assert(
      fc.property(fc.array(fc.string()), (any) => {
        expect(deathOf(any, EXIT).reason).toMatch(/\.$/);
      }),
    );
  });

  it('tells why it never came up, where the output does', () => {
    expect(neverReady('quick', 120, []).reason).toContain('120 seconds');
    expect(neverReady('quick', 120, ['ERR failed to dial to edge with quic']).reason).toMatch(
      /not be connected/,
    );
  });
});

describe('the command line', () => {
  const request = {
    ...{ program: '/bin/cloudflared', directory: '/data/tunnel', metricsPort: 20241 },
    ...{ target: 'http://127.0.0.1:8200', token: null, platform: 'linux' as const },
    inherited: {
      PATH: '/bin',
      TUNNEL_URL: 'http://localhost:22',
      tunnel_token: 'x',
      NO_AUTOUPDATE: '0',
      HOME: '/h',
    },
  };

  it('of a quick tunnel names the address, and takes nothing from the shell', () => {
    const { args, environment } = planTunnel(request);
    expect(args).toEqual([
      ...['tunnel', '--config', '/data/tunnel/config.yml', '--pidfile', '/data/tunnel/cloudflared.pid'],
      ...['--no-autoupdate', '--metrics', '127.0.0.1:20241', '--url', 'http://127.0.0.1:8200'],
    ]);
    expect(environment).toEqual({ PATH: '/bin', HOME: '/h' });
    expect(` ${args.join(' ')} `).toContain(` ${tunnelMarker('/data/tunnel')} `);
  });

  it('of a named tunnel keeps the token to the environment', () => {
    const { args, environment } = planTunnel({ ...request, token: 's3cret' });
    expect(args.at(-1)).toBe('run');
    expect(args.join(' ')).not.toContain('s3cret');
    expect(args).not.toContain('--url');
    expect(environment['TUNNEL_TOKEN']).toBe('s3cret');
  });
});

describe('states', () => {
  const event: fc.Arbitrary<TunnelEvent> = fc.oneof(
    fc.constant({ type: 'begun', kind: 'quick' } as const),
    fc.record({
      type: fc.constant('looked' as const),
      url: fc.constantFrom(null, 'https://a.example.com', 'https://b.example.com'),
      connections: fc.nat(4),
    }),
    fc.record({
      type: fc.constant('crashed' as const),
      reason: fc.string(),
      delayMs: fc.nat(1000),
      attempt: fc.nat(9),
    }),
    fc.constant({ type: 'gave-up', failure: { reason: 'r', remedy: null, lines: [] } } as const),
    fc.constantFrom({ type: 'stopping' } as const, { type: 'stopped' } as const),
  );

  it('are public only while a connection was seen, and end with a stop whatever came before', () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let state: TunnelState = { status: 'off' };
        let seen = false;
        events.forEach((one, now) => {
          if (['begun', 'crashed', 'gave-up', 'stopping', 'stopped'].includes(one.type))
            seen = seen && one.type === 'begun';
          if (one.type === 'looked' && one.url !== null && one.connections > 0) seen = true;
          state = nextTunnelState(state, one, now);
          if (publicUrlOf(state) !== null) expect(seen).toBe(true);
        });
        expect(nextTunnelState(state, { type: 'stopped' }, 99)).toEqual({ status: 'off' });
      }),
    );
  });

  it('keep when they began', () => {
    const looked = { type: 'looked', url: 'https://a.example.com', connections: 1 } as const;
    const up = nextTunnelState({ status: 'starting', kind: 'quick', since: 1 }, looked, 5);
    expect(nextTunnelState(up, looked, 9)).toBe(up);
    const lost = nextTunnelState(up, { ...looked, url: null, connections: 0 }, 10);
    expect(lost).toEqual({ status: 'reconnecting', kind: 'quick', since: 10, url: 'https://a.example.com' });
  });
});

describe('another try', () => {
  const death = (retry: 'again' | 'later' | 'never') => ({ reason: '', remedy: null, lines: [], retry });

  it('is jittered, patient where Cloudflare asks for it, and has an end', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(20), (random, restarts) => {
        const soon = decideRetry(death('again'), null, restarts, random);
        if (restarts >= 5) expect(soon.kind).toBe('give-up');
        if (soon.kind === 'restart') expect(soon.delayMs).toBeLessThanOrEqual(60_000);
        const later = decideRetry(death('later'), null, restarts, random);
        if (later.kind === 'restart') expect(later.delayMs).toBeGreaterThanOrEqual(30_000);
        expect(decideRetry(death('never'), null, restarts, random).kind).toBe('give-up');
      }),
    );
  });

  it('begins anew after a stable time', () => {
    expect(decideRetry(death('again'), 60_000, 8, 0)).toMatchObject({ kind: 'restart', restarts: 1 });
  });
});

describe('a release', () => {
  const sum = 'ab'.repeat(32);
  const release = (asset: object, body = ''): object => ({
    ...{ tag_name: '2026.9.1', body },
    assets: [{ name: 'cloudflared-linux-amd64', browser_download_url: 'https://github.com/x', ...asset }],
  });
  const name = 'cloudflared-linux-amd64';

  it('is checked by the digest of the file, else by the notes', () => {
    const notes = `### SHA256 Checksums:\n\`\`\`\ncloudflared-linux-arm64: ${'cd'.repeat(32)}\n${name}: ${sum}\n\`\`\``;
    const digest = { digest: `sha256:${'EF'.repeat(32)}`, size: 7 };
    expect(releaseFileOf(release(digest, notes), name)).toMatchObject({ sha256: 'ef'.repeat(32), size: 7 });
    expect(releaseFileOf(release({ digest: null }, notes), name)).toMatchObject({ sha256: sum, size: null });
  });

  it.each([
    ['no checksum', release({}), /publishes no checksum/],
    ['a checksum of another kind', release({ digest: `sha512:${sum}` }), /publishes no checksum/],
    ['not the file', { ...release({}), assets: [] }, /has no cloudflared-linux-amd64/],
    ['a captive page', '<html>', /was no release/],
    ['nothing', null, /was no release/],
  ])('with %s is refused', (_, answer, words) => {
    expect(() => releaseFileOf(answer, name)).toThrow(words);
  });

  it('is told apart by machine', () => {
    expect(fileNameFor('darwin', 'arm64')).toBe('cloudflared-darwin-arm64.tgz');
    expect(() => fileNameFor('freebsd', 'x64')).toThrow(
      'Cloudflare publishes no cloudflared for freebsd on x64.',
    );
  });
});

describe('an archive', () => {
  it('gives its file back, whatever lies before it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 2000 }), (other, wanted) => {
        const archive = gzipSync(
          tarOf([
            ['README', other],
            ['cloudflared', wanted],
          ]),
        );
        expect(fileInTarball(archive, 'cloudflared', 1 << 20)).toEqual(Buffer.from(wanted));
        expect(fileInTarball(archive, 'other', 1 << 20)).toBeNull();
      }),
    );
  });

  it('may be no bomb, and no rubbish', () => {
    expect(() => fileInTarball(gzipSync(Buffer.alloc(1 << 20)), 'cloudflared', 1000)).toThrow();
    expect(() => fileInTarball(Buffer.from('no'), 'cloudflared', 1000)).toThrow();
    expect(fileInTarball(gzipSync(Buffer.alloc(1024, 'x')), 'cloudflared', 5000)).toBeNull();
  });
});

describe('a public name', () => {
  it.each(['comfy.example.com', 'a.b-c.co', 'xn--bcher-kva.example'])('may be %s', (name) => {
    expect(name).toMatch(PUBLIC_NAME);
  });
  it.each([
    'localhost',
    '127.0.0.1',
    '[::1]',
    'comfy.example.com:443',
    'https://a.b',
    'a..b',
    '-a.b',
    'a.b.',
    'a.1',
  ])('may not be %s', (name) => expect(name).not.toMatch(PUBLIC_NAME));
});
