import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { extensionScripts, indexPage, staticReply } from '../../../electron/simulator/routes/front-end.ts';

let root = '';

beforeAll(() => {
  const place = mkdtempSync(path.join(tmpdir(), 'front-end-'));
  root = path.join(place, 'static');
  mkdirSync(path.join(root, 'extensions', 'core'), { recursive: true });
  mkdirSync(path.join(root, 'assets'));
  writeFileSync(path.join(root, 'index.html'), '<title>ComfyUI</title>');
  writeFileSync(path.join(root, 'extensions', 'core', 'one.js'), 'export {}');
  writeFileSync(path.join(root, 'extensions', 'core', 'one.js.map'), '{}');
  writeFileSync(path.join(root, 'assets', 'a b.png'), 'png');
  writeFileSync(path.join(place, 'secret.txt'), 'secret');
  mkdirSync(path.join(place, 'static-neighbour'));
  writeFileSync(path.join(place, 'static-neighbour', 'file.js'), 'no');
});
afterAll(() => rmSync(path.dirname(root), { recursive: true }));

it('shows the page that it was given, never from a cache', () => {
  const { status, headers, body } = indexPage(root);
  expect([status, body.toString()]).toEqual([200, '<title>ComfyUI</title>']);
  expect(headers).toMatchObject({
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store, must-revalidate',
  });
});

it('says that it has no page where there is none', () => {
  for (const nowhere of [null, path.join(root, 'assets')]) {
    expect(indexPage(nowhere).body.toString()).toContain('it has no page of its own');
  }
});

it('serves files of the page as a stock server types and caches them', () => {
  expect(staticReply(root, '/extensions/core/one.js')?.headers).toMatchObject({
    'Content-Type': 'application/javascript',
    'Cache-Control': 'no-store',
  });
  expect(staticReply(root, '/assets/a%20b.png')?.headers).toMatchObject({
    'Content-Type': 'image/png',
    'Cache-Control': 'public, max-age=86400',
  });
});

it.each([
  '/assets',
  '/nothing.js',
  '/%',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/../static-neighbour/file.js',
  '/',
])('has no file at %s', (pathname) => {
  expect(staticReply(root, pathname)).toBeNull();
  expect(staticReply(null, pathname)).toBeNull();
});

it('lists the scripts that the page loads by itself', () => {
  expect(extensionScripts(root)).toEqual(['/extensions/core/one.js']);
  expect(extensionScripts(null)).toEqual([]);
});
