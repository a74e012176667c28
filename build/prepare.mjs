// Installs and builds what is missing or stale. Node built-ins only: it runs before there are dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const LEAST_NODE = [20, 19];
const INSTALL_STAMP = path.join(root, 'node_modules', '.ensemble-installed');
const BUILD_STAMP = path.join(root, 'dist', '.built-from');
const SOURCES = ['shared', 'electron', 'renderer', 'build', 'package.json', 'package-lock.json'];

/** Ends with one clear line where this Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  process.stderr.write(
    `Comfy Ensemble needs Node ${LEAST_NODE.join('.')} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(1);
}

/** `npm ci`, once per lock file. All its output goes to stderr: stdout belongs to --json. */
export function install() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(INSTALL_STAMP) && readFileSync(INSTALL_STAMP, 'utf8') === lock) return;
  process.stderr.write('Installing dependencies (once, about half a minute)…\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    process.stderr.write('npm ci failed: look above for its reason (is the npm registry reachable?).\n');
    process.exit(1);
  }
  writeFileSync(INSTALL_STAMP, lock);
}

/** Builds dist/ when a source is newer than the last build. */
export async function buildIfStale() {
  const fingerprint = newestChange();
  if (existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, 'utf8') === fingerprint) return;
  process.stderr.write('Building…\n');
  const { buildAll } = await import(pathToFileURL(path.join(root, 'build', 'build.mjs')).href);
  await buildAll();
  mkdirSync(path.dirname(BUILD_STAMP), { recursive: true });
  writeFileSync(BUILD_STAMP, fingerprint);
}

export async function prepare() {
  requireNode();
  install();
  await buildIfStale();
}

/** Count and newest modification of all sources: a deleted file makes a build stale too. */
function newestChange() {
  let newest = 0;
  let count = 0;
  const visit = (file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      for (const name of readdirSync(file)) visit(path.join(file, name));
      return;
    }
    count += 1;
    newest = Math.max(newest, stat.mtimeMs);
  };
  for (const source of SOURCES) visit(path.join(root, source));
  return `${count} files, newest ${newest}`;
}
