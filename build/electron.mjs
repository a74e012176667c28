// Finds the Electron binary, or fetches it on first use: since version 42 its package has no install script.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from './prepare.mjs';

const require = createRequire(import.meta.url);
const home = path.join(root, 'node_modules', 'electron');
const SIZE_MB = 120;
const SILENCE_MS = 60_000;

/** The executable, or null when it has not been fetched. */
export function findElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    const executable = path.join(override, executableName());
    return existsSync(executable) ? executable : null;
  }
  const marker = path.join(home, 'path.txt');
  if (!existsSync(marker)) return null;
  const executable = path.join(home, 'dist', readFileSync(marker, 'utf8'));
  return existsSync(executable) ? executable : null;
}

/**
 * Fetches and unpacks the pinned version with its checksum checked; progress goes to stderr.
 * @throws Error with one sentence; gives up after 60 s without a byte
 */
export async function fetchElectron() {
  const { version } = require('electron/package.json');
  process.stderr.write(`Fetching Electron ${version} (about ${SIZE_MB} MB, once)…\n`);
  const { downloadArtifact } = await import(require.resolve('@electron/get', { paths: [home] }));
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  let shown = -1;
  const getProgressCallback = async ({ transferred, percent }) => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const tenth = Math.floor(percent * 10);
    if (tenth === shown) return;
    shown = tenth;
    process.stderr.write(`  ${Math.round(transferred / 1e6)} MB (${Math.round(percent * 100)} %)\n`);
  };
  try {
    await downloadArtifact({
      version,
      artifactName: 'electron',
      platform: process.platform,
      arch: process.arch,
      checksums: require('electron/checksums.json'),
      downloadOptions: { quiet: true, getProgressCallback, signal: silence.signal },
    });
  } catch (error) {
    const reason = silence.signal.aborted ? 'no data for 60 s' : (error.cause?.message ?? error.message);
    throw new Error(`Electron ${version} could not be fetched: ${reason}`);
  } finally {
    clearTimeout(timer);
  }
  // The archive lies in the cache now; Electron's own script unpacks it.
  const unpacked = spawnSync(process.execPath, [path.join(home, 'install.js')], { stdio: ['ignore', 2, 2] });
  const executable = findElectron();
  if (unpacked.status !== 0 || executable === null)
    throw new Error(`Electron ${version} could not be unpacked`);
  return executable;
}

function executableName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}
