import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHost, isLoopback, parseAddress, placeName, urlOf } from '../../../shared/address.ts';
import { canonicalIpv6, isIpv4 } from '../../../shared/ip.ts';
import type { RemotePlace } from '../../../shared/remote.ts';

/** "URL type" for what is read, the sentence for what is refused. */
const read = (text: string, usual?: 'remote' | 'cloud'): string => {
  const reading = parseAddress(text, usual);
  return reading.ok ? `${urlOf(reading.address)} ${reading.address.type}` : reading.problem;
};

describe('parseAddress', () => {
  it.each([
    ['192.168.1.20', 'http://192.168.1.20:8188 remote'],
    ['192.168.1.20:8189', 'http://192.168.1.20:8189 remote'],
    ['http://192.168.1.20:8188/', 'http://192.168.1.20:8188 remote'],
    ['http://192.168.1.20', 'http://192.168.1.20 remote'],
    ['HTTP://Gpu-Box.Local:8188', 'http://gpu-box.local:8188 remote'],
    ['gpu_box', 'http://gpu_box:8188 remote'],
    ['gpu-box.local.', 'http://gpu-box.local:8188 remote'],
    ['ws://host:8188/ws?clientId=abc', 'http://host:8188 remote'],
    ['wss://comfy.example.com/ws?clientId=abc', 'https://comfy.example.com cloud'],
    ['https://comfy.example.com', 'https://comfy.example.com cloud'],
    ['https://comfy.example.com:8443/gpu/1/', 'https://comfy.example.com:8443/gpu/1 cloud'],
    ['https://comfy.example.com/comfy/api/prompt?x=1#y', 'https://comfy.example.com/comfy cloud'],
    ['http://host:8188/?token=1', 'http://host:8188 remote'],
    ['http://host:8188/#workflow', 'http://host:8188 remote'],
    ['comfy.example.com:443', 'https://comfy.example.com cloud'],
    ['wcegfo9tbbml9l-8188.proxy.runpod.net', 'https://wcegfo9tbbml9l-8188.proxy.runpod.net cloud'],
    ['wcegfo9tbbml9l-8188.proxy.runpod.net:8188', 'https://wcegfo9tbbml9l-8188.proxy.runpod.net cloud'],
    ['http://wcegfo9tbbml9l-8188.proxy.runpod.net/', 'https://wcegfo9tbbml9l-8188.proxy.runpod.net cloud'],
    ['https://pale-sun-7.trycloudflare.com', 'https://pale-sun-7.trycloudflare.com cloud'],
    ['a.ngrok-free.app', 'https://a.ngrok-free.app cloud'],
    ['runpod.net.example.org', 'http://runpod.net.example.org:8188 remote'],
    ['[::1]:8188', 'http://[::1]:8188 remote'],
    ['::1', 'http://[::1]:8188 remote'],
    ['http://[FE80:0:0:0:0:0:0:1]:8188', 'http://[fe80::1]:8188 remote'],
    ['https://[2001:db8::1]/comfy', 'https://[2001:db8::1]/comfy cloud'],
    ['  “http://host:8188/”. ', 'http://host:8188 remote'],
    ['<http://host:8188>', 'http://host:8188 remote'],
    ['host:', 'http://host:8188 remote'],
    ['To see the GUI go to: http://192.168.1.20:8188', 'http://192.168.1.20:8188 remote'],
    ['Forwarding  https://a.ngrok.app -> http://localhost:8188', 'https://a.ngrok.app cloud'],
  ])('reads “%s”', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('takes a bare host of the cloud for https on 443', () => {
    expect(read('comfy.example.com', 'cloud')).toBe('https://comfy.example.com cloud');
    expect(read('comfy.example.com:8188', 'cloud')).toBe('http://comfy.example.com:8188 remote');
  });

  it.each([
    ['', /Enter the address/],
    ['   ', /Enter the address/],
    ['http://', /no host/],
    [':8188', /no host/],
    ['ftp://host', /“ftp:\/\/”.*use http/],
    ['file:///etc/passwd', /“file:\/\/”/],
    ['javascript:alert(1)', /not a port/],
    ['http://user:secret@host:8188', /access fields/],
    ['host:0', /not a port/],
    ['host:65536', /not a port/],
    ['host:99999999999999999999999999999999999999999999999999', /^“9{40}…” is not a port/],
    ['host:+80', /not a port/],
    ['host:80 81', /not a port/],
    ['two words', /not a name/],
    ['http://ho%20st', /not a name/],
    ['127.1', /not a name/],
    ['0x7f.0x1', /not a name/],
    ['1.2.3.4.5', /not a name/],
    ['01.2.3.4', /not a name/],
    ['-host', /not a name/],
    [`${'a'.repeat(64)}.com`, /not a name/],
    [Array.from({ length: 64 }, () => 'abc').join('.'), /not a name/],
    ['host/../../etc', /not a path/],
    ['host/%2e%2E/x', /not a path/],
    ['host\\share', /not a path/],
    ['host/a"onload=', /not a path/],
    ['[host]:8188', /not a name/],
    ['[::1', /not a name/],
    ['1::2::3', /not a name/],
    ['fe80::1%eth0', /Leave out what follows the “%”/],
    ['http://0.0.0.0:8188', /every address of a machine/],
    ['[::]:8188', /every address of a machine/],
    ['host\u0000', /not a name/],
    ['ho\u202est', /not a name/],
  ])('refuses “%s” in words', (text, expected) => {
    expect(read(text)).toMatch(expected);
  });

  it('refuses what is longer than any address', () => {
    expect(read(`http://${'a'.repeat(2048)}`)).toMatch(/too long/);
  });

  it('never throws, and gives only what fetch takes as it is, whatever is pasted', () => {
    const bits = fc.constantFrom(
      'http://',
      'wss://',
      '[',
      ']',
      ':',
      '::',
      '/',
      '..',
      '%2e',
      '@',
      '?',
      '#',
      '8188',
      '1',
      '.',
      'host',
      'com',
      ' ',
      '\\',
      '0x',
    );
    const pasted = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(bits).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(pasted, (text) => {
        const reading = parseAddress(text);
        if (!reading.ok) {
          expect(reading.problem).toMatch(/[.]$/);
          return;
        }
        const { host, port, secure, path } = reading.address;
        const url = new URL(urlOf(reading.address));
        expect(url.hostname.replace(/^\[|\]$/g, '')).toBe(host);
        expect(Number(url.port === '' ? (secure ? 443 : 80) : url.port)).toBe(port);
        expect(url.pathname).toBe(path === '' ? '/' : path);
        expect(url.username + url.password + url.search + url.hash).toBe('');
      }),
      { numRuns: 1000 },
    );
  });

  const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z]$/).filter((text) => !text.startsWith('xn--'));
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
  const ipv6 = fc.ipV6().map((text) => canonicalIpv6(text) ?? '');
  const place: fc.Arbitrary<RemotePlace> = fc.record({
    host: fc.oneof(name, fc.ipV4(), ipv6).filter((host) => host !== '0.0.0.0' && host !== '::'),
    port: fc.integer({ min: 1, max: 65_535 }),
    secure: fc.boolean(),
    path: fc.constantFrom('', '/comfy', '/a/b-c'),
  });

  it('gives back every place whose address it wrote itself', () => {
    fc.assert(
      fc.property(place, (given) => {
        const { type: _, ...again } = { type: '', ...asRead(urlOf(given)) };
        expect(again).toEqual(given);
      }),
    );
  });

  it('gives back what a card shows of a worker in the network', () => {
    fc.assert(
      fc.property(place, (given) => {
        fc.pre(given.port !== 443);
        expect(asRead(placeName(given))).toMatchObject({ host: given.host, port: given.port });
      }),
    );
  });
});

function asRead(text: string): RemotePlace {
  const reading = parseAddress(text);
  if (!reading.ok) throw new Error(`${text}: ${reading.problem}`);
  return reading.address;
}

describe('hosts', () => {
  it('are spelled in one way', () => {
    expect(canonicalHost('GPU.Local.')).toBe('gpu.local');
    expect(canonicalHost('0:0:0:0:0:0:0:1')).toBe('::1');
    expect(canonicalHost('2001:db8:0:1:0:0:0:1')).toBe('2001:db8:0:1::1');
    expect(canonicalHost('::ffff:127.0.0.1')).toBe('::ffff:7f00:1');
  });

  it('have the spelling that URL gives an IPv6 address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        expect(`[${canonicalIpv6(text)}]`).toBe(new URL(`http://[${text}]`).hostname);
      }),
    );
  });

  it('mean this machine only by its own names', () => {
    for (const host of ['localhost', 'a.localhost', '::1', '127.0.0.1', '127.9.9.9'])
      expect(isLoopback(host)).toBe(true);
    for (const host of ['127.evil.com', 'localhost.evil.com', '128.0.0.1', '::2'])
      expect(isLoopback(host)).toBe(false);
    expect(isIpv4('256.1.1.1')).toBe(false);
  });
});
