// `npm start`: the desktop app, or the same interface headless where Electron or a display cannot be had.
// `npm run serve` (--headless): headless at once. Other options are the host's own: see README.md.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fetchElectron, findElectron } from './electron.mjs';
import { prepare, root } from './prepare.mjs';

/** A desktop that dies this soon after its start could not start at all. */
const STILLBORN_MS = 8_000;

const argv = process.argv.slice(2);
const options = argv.filter((argument) => argument !== '--headless');

await prepare();
const obstacle = argv.includes('--headless') ? 'asked' : await desktopObstacle();
if (obstacle === null) await startDesktop();
else startHeadless(obstacle === 'asked' ? null : obstacle);

/** Why there can be no window, or null. Fetches Electron when only that is missing. */
async function desktopObstacle() {
  // Nothing shall be opened, or a program reads our output: then no window is wanted.
  if (options.some((option) => ['--no-open', '--json', '--help'].includes(option))) return 'asked';
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return 'there is no display';
  }
  if (process.platform === 'linux' && process.getuid() === 0) {
    return 'Electron does not run as root';
  }
  if (findElectron() !== null) return null;
  try {
    await fetchElectron();
    return null;
  } catch (error) {
    return error.message;
  }
}

function startHeadless(reason) {
  if (reason !== null)
    process.stderr.write(`No window (${reason}): serving the same interface to a browser.\n`);
  run(process.execPath, [path.join(root, 'dist', 'headless.cjs'), ...options]);
}

async function startDesktop() {
  const started = Date.now();
  const code = await run(findElectron(), [root, ...options], false);
  if (code === 0 || Date.now() - started > STILLBORN_MS) process.exit(code);
  startHeadless(`Electron ended at once with code ${code}`);
}

/** Runs a child on our terminal and ends as it ends; interrupts reach it through the terminal's process group. */
function run(command, args, exitWithIt = true) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      const status = code ?? (signal === 'SIGINT' ? 130 : 1);
      if (exitWithIt) process.exit(status);
      resolve(status);
    });
  });
}
