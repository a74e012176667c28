// A Chromium for the web tests: named, installed, Playwright's own, or installed now.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** @returns {Promise<string | null>} its executable, or null when none can be had; the reason goes to stderr */
export async function findChromium() {
  return named() ?? (await playwrights()) ?? (await installed());
}

function named() {
  const candidates = [process.env.CHROMIUM_PATH, ...PLACES];
  return candidates.find((candidate) => candidate && existsSync(candidate)) ?? null;
}

async function playwrights() {
  const { chromium } = await import('playwright');
  const executable = chromium.executablePath();
  return existsSync(executable) ? executable : null;
}

async function installed() {
  process.stderr.write('No Chromium found: installing one for the web tests…\n');
  const quiet = { stdio: ['ignore', 2, 2], timeout: 600_000 };
  if (process.platform === 'linux' && process.getuid() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { ...quiet, env });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { ...quiet, env });
    const found = named();
    if (found !== null) return found;
  }
  const cli = (await import('node:module')).createRequire(import.meta.url).resolve('playwright/cli');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], quiet);
  return playwrights();
}
