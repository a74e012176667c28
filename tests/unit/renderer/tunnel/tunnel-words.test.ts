import { describe, expect, it } from 'vitest';
import { publicAddressOf, reachOf } from '../../../../renderer/gateway/gateway-words.ts';
import {
  linkWith,
  wordsOfDownload,
  wordsOfProgram,
  wordsOfTunnel,
} from '../../../../renderer/tunnel/tunnel-words.ts';

describe('the tunnel in words', () => {
  it('counts down to the next try, and never below nothing', () => {
    const state = {
      status: 'backing-off',
      kind: 'quick',
      since: 0,
      until: 4_000,
      attempt: 2,
      reason: '',
    } as const;
    expect(wordsOfTunnel(state, 1_500).word).toBe('Again in 3 s (try 2)');
    expect(wordsOfTunnel(state, 9_000).word).toBe('Again in 0 s (try 2)');
  });

  it('tells apart what is well and what is not', () => {
    const url = 'https://a.example.com';
    const up = { status: 'up', kind: 'quick', since: 0, url, connections: 1 } as const;
    expect(wordsOfTunnel(up, 0)).toEqual({ word: 'Open', tone: 'ok' });
    expect(wordsOfTunnel({ status: 'reconnecting', kind: 'quick', since: 0, url }, 0).tone).toBe('warning');
    expect(wordsOfTunnel({ status: 'off' }, 0)).toEqual({ word: 'Closed', tone: 'neutral' });
  });

  it('says where its program comes from, and how far a download is', () => {
    const program = { status: 'found', path: '/d/cloudflared', version: '1', sha256: null } as const;
    expect(wordsOfProgram({ ...program, source: 'environment' })).toBe(
      'cloudflared 1, named by CLOUDFLARED_PATH: /d/cloudflared',
    );
    const far = { status: 'downloading', version: '1', received: 1024 ** 2, total: null } as const;
    expect(wordsOfDownload(far)).toBe('Downloading cloudflared 1: 1 MB');
    expect(wordsOfDownload({ ...far, version: null })).toContain('Asking GitHub');
  });

  it('names who reaches the address', () => {
    const tunnel = ['https://a.example.com', 'http://192.168.1.20:8200'];
    expect(reachOf({ open: true, addresses: tunnel })).toBe('On the internet by a tunnel');
    expect(reachOf({ open: true, addresses: tunnel.slice(1) })).toBe('Open to the network');
    expect(reachOf({ open: false, addresses: [] })).toBe('This machine only');
    expect(publicAddressOf({ addresses: tunnel })).toBe('https://a.example.com');
    expect(linkWith('https://a.example.com', 'a+b')).toBe('https://a.example.com/?token=a%2Bb');
  });
});
