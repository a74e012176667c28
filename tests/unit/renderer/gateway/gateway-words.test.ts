import { describe, expect, it } from 'vitest';
import { addressFrom, programName, readNames } from '../../../../renderer/gateway/gateway-words.ts';
import { HOST_NAME } from '../../../../shared/settings.ts';
import { gatewayStatus } from '../../../web/fixtures/gateway.ts';

describe('what a client is called', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
  it.each([
    [chrome, 'Chrome 131'],
    [`${chrome} Edg/131.0.0.0`, 'Edge 131'],
    [`${chrome} comfy-ensemble/0.1.0 Electron/45.4.1`, 'Comfy Ensemble'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox 133'],
    [
      'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
      'Safari 18',
    ],
    ['python-requests/2.32.3', 'python-requests 2.32.3'],
    ['curl/8.5.0 (x86_64)', 'curl 8.5.0'],
    ['node', 'node'],
    ['(nothing)', '(nothing)'],
    ['', 'A program without a name'],
  ])('%s', (agent, name) => expect(programName(agent)).toBe(name));
});

describe('where a browser finds the address', () => {
  it.each([
    ['localhost', false, 'http://127.0.0.1:8200'],
    ['[::1]', true, 'http://127.0.0.1:8200'],
    ['192.168.1.20', true, 'http://192.168.1.20:8200'],
    ['[fd00::2]', true, 'http://[fd00::2]:8200'],
    ['studio', false, null],
  ])('from a page at %s (open: %s)', (hostname, open, address) => {
    expect(addressFrom(gatewayStatus({ open }), hostname)).toBe(address);
  });
});

describe('names', () => {
  const read = (text: string) => readNames(text, HOST_NAME, 3);
  it('are read with commas or without, once each', () => {
    expect(read(' a.example,b:443  [fd00::2]:80 a.example ')).toEqual({
      names: ['a.example', 'b:443', '[fd00::2]:80'],
      problem: null,
    });
    expect(read('')).toEqual({ names: [], problem: null });
  });

  it.each(['http://a', 'a/b', '*.example', 'a..', '-a', 'a@b', 'fd00::2', 'a:b'])('%s is none', (text) => {
    expect(read(text).problem).toContain(`“${text}” is no name`);
  });

  it('are not too many', () => expect(read('a b c d').problem).toBe('Enter at most 3 names.'));
});
