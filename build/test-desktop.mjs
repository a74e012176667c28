// The desktop tests on a real Electron and a real screen, or one loud line that says why they were skipped.
//   ELECTRON_OVERRIDE_DIST_PATH  a folder with an Electron, in place of the downloaded one
//   ENSEMBLE_VIRTUAL_DESKTOP     a command that runs another one on a virtual screen with a tray (else DISPLAY, else xvfb-run)
// Playwright writes test-results/desktop.json; a skip writes nothing there.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findElectron } from './electron.mjs';
import { prepare, root } from './prepare.mjs';

/** Programs that the tests see through: the session bus, the screen, the keyboard. */
const NEEDED = ['gdbus', 'dbus-monitor', 'import', 'xdotool'];

await prepare();
rmSync(path.join(root, 'test-results', 'desktop.json'), { force: true });
const electron = findElectron();
const screen = findScreen();
const reason = whySkipped();
if (reason !== null) {
  process.stdout.write(`\n*** SKIPPED: the desktop tests did not run: ${reason} ***\n\n`);
  process.exit(0);
}

const playwright = path.join(root, 'node_modules', '@playwright', 'test', 'cli.js');
const config = path.join(root, 'tests', 'desktop', 'playwright.config.ts');
const [command, ...args] = [
  ...screen,
  process.execPath,
  playwright,
  'test',
  '-c',
  config,
  ...process.argv.slice(2),
];
const { status } = spawnSync(command, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ENSEMBLE_ELECTRON: electron },
});
process.exit(status ?? 1);

function whySkipped() {
  if (process.platform !== 'linux') return 'they drive a Linux desktop';
  if (electron === null)
    return 'there is no Electron (npm start fetches it; or set ELECTRON_OVERRIDE_DIST_PATH)';
  if (screen === null) return 'there is no display (set DISPLAY or ENSEMBLE_VIRTUAL_DESKTOP)';
  const missing = NEEDED.filter((program) => !isOnPath(program));
  return missing.length > 0 ? `${missing.join(', ')} not found` : null;
}

/** The words that put a command on a screen; none where there is one already. */
function findScreen() {
  const virtual = process.env.ENSEMBLE_VIRTUAL_DESKTOP;
  if (virtual) return virtual.split(' ');
  if (process.env.DISPLAY) return [];
  return isOnPath('xvfb-run') ? ['xvfb-run', '-a', '-s', '-screen 0 1400x900x24'] : null;
}

function isOnPath(program) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => existsSync(path.join(folder, program)));
}
