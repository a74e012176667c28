import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { distFile } from '../../setup/dist.ts';

/** Bundles that Electron runs, as its main process or as plain Node. */
const RUN_BY_ELECTRON = ['main.cjs', 'headless.cjs', 'guardian.cjs', 'simulator.cjs'];

/** The native database and what it needs: package.json's dependencies, which no bundle holds. */
const NATIVE = ['libsql', '@libsql', '@neon-rs', 'detect-libc'];

/** A copy of the built app whose bundles begin with what an old Electron lacks; the product itself stays as it is. */
export default function prepare(): () => void {
  const app = mkdtempSync(path.join(tmpdir(), 'ensemble-desktop-app-'));
  const dist = path.join(app, 'dist');
  mkdirSync(dist);
  const compat = readFileSync(path.resolve('tests', 'desktop', 'electron-22-compat.cjs'), 'utf8');
  for (const name of readdirSync(distFile(''))) {
    if (!name.endsWith('.cjs')) continue;
    const text = readFileSync(distFile(name), 'utf8');
    writeFileSync(path.join(dist, name), RUN_BY_ELECTRON.includes(name) ? compat + text : text);
  }
  cpSync(distFile('renderer'), path.join(dist, 'renderer'), { recursive: true });
  cpSync(path.resolve('package.json'), path.join(app, 'package.json'));
  for (const name of NATIVE) {
    const place = path.join('node_modules', name);
    cpSync(path.resolve(place), path.join(app, place), { recursive: true });
  }
  process.env['ENSEMBLE_DESKTOP_APP'] = app;
  return () => rmSync(app, { recursive: true, force: true });
}
