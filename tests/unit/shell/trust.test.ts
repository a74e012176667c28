import { describe, expect, it } from 'vitest';
import { isAddressOf, isOwnUrl } from '../../../electron/shell/app-url.ts';
import { isTrustedSender } from '../../../electron/shell/trusted-sender.ts';

it.each(['app://ensemble/', 'app://ensemble/index.html#logs', 'APP://ensemble/'])('%s is our page', (url) => {
  expect(isOwnUrl(url)).toBe(true);
});

it.each([
  'app://ensemble.evil/',
  'app://evil/ensemble/',
  'app://ensemble:80/',
  'app://user@ensemble/',
  'https://ensemble/',
  'http://127.0.0.1:8188/',
  'file:///ensemble',
  'about:blank',
  'data:text/html,app://ensemble/',
  '',
])('%s is not', (url) => {
  expect(isOwnUrl(url)).toBe(false);
});

const GATEWAY = 'http://127.0.0.1:8200';

it.each([GATEWAY, `${GATEWAY}/`, `${GATEWAY}/?workflow=1#x`, `${GATEWAY}/api/view?filename=a.png`])(
  '%s is where the ComfyUI page may go',
  (url) => {
    expect(isAddressOf(url, GATEWAY)).toBe(true);
  },
);

it.each([
  'http://127.0.0.1:8201/',
  'https://127.0.0.1:8200/',
  'http://localhost:8200/',
  'http://127.0.0.1:8200@evil.example/',
  'http://user@127.0.0.1:8200/',
  'http://127.0.0.1:8200.evil.example/',
  'javascript:alert(1)',
  'data:text/html,http://127.0.0.1:8200/',
  'about:blank',
  'app://ensemble/',
  '',
])('%s is not', (url) => {
  expect(isAddressOf(url, GATEWAY)).toBe(false);
  expect(isAddressOf(url, '')).toBe(false);
});

describe('a sender', () => {
  const contents = {};
  const window = { isDestroyed: () => false, webContents: contents };
  const frame = { parent: null, url: 'app://ensemble/' };
  /** Electron's classes cannot be made outside Electron: only what is looked at. */
  const trusted = (sender: unknown, senderFrame: unknown, ours: unknown = window): boolean =>
    isTrustedSender({ sender, senderFrame } as never, ours as never);

  it('is trusted as our window’s main frame on our page', () => {
    expect(trusted(contents, frame)).toBe(true);
  });

  it('is refused as anything else', () => {
    expect(trusted({}, frame)).toBe(false);
    expect(trusted(contents, null)).toBe(false);
    expect(trusted(contents, { ...frame, parent: frame })).toBe(false);
    expect(trusted(contents, { ...frame, url: 'http://127.0.0.1:8188/' })).toBe(false);
    expect(trusted(contents, frame, null)).toBe(false);
    expect(trusted(contents, frame, { ...window, isDestroyed: () => true })).toBe(false);
  });
});
