import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { autostartEntry, setAutostart } from '../../../electron/shell/autostart.ts';

const home = mkdtempSync(path.join(tmpdir(), 'ensemble-autostart-'));
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('writes an entry that starts hidden, and removes it again', () => {
  const folder = path.join(home, 'autostart');
  const file = path.join(folder, 'comfy-ensemble.desktop');
  setAutostart(folder, true, ['/opt/Comfy Ensemble/comfy-ensemble']);
  expect(readFileSync(file, 'utf8')).toContain('\nExec="/opt/Comfy Ensemble/comfy-ensemble" "--hidden"\n');
  setAutostart(folder, false, []);
  expect(existsSync(file)).toBe(false);
  setAutostart(folder, false, []);
});

it('quotes as the Desktop Entry Specification asks', () => {
  expect(autostartEntry(['/a "b" $c\\d 100%'])).toContain(
    '\nExec="/a \\\\"b\\\\" \\\\$c\\\\\\\\d 100%%" "--hidden"\n',
  );
});
