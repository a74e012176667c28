import { expect, it } from 'vitest';
import { mayOpenExternally } from '../../../electron/shell/external-links.ts';

const PAGES = ['http://127.0.0.1:8188', 'http://127.0.0.1:8288', 'https://gpu.example:443'];

it.each([
  'http://127.0.0.1:8188',
  'http://127.0.0.1:8188/?workflow=1',
  'https://gpu.example/',
  'https://github.com/comfyanonymous/ComfyUI',
  'https://docs.comfy.org/installation',
])('opens %s', (url) => {
  expect(mayOpenExternally(url, PAGES)).toBe(true);
});

it.each([
  'file:///etc/passwd',
  'javascript:alert(1)',
  'smb://host/share',
  'ms-msdt:/id',
  'app://ensemble/',
  'http://github.com/plain',
  'https://github.com.evil.example/',
  'https://github.com@evil.example/',
  'https://user:secret@github.com/',
  'http://127.0.0.1:9999/',
  'http://127.0.0.1:8188@evil.example/',
  'https://127.0.0.1:8188/',
  'no address',
  '',
])('refuses %s', (url) => {
  expect(mayOpenExternally(url, PAGES)).toBe(false);
});
