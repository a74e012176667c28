// `node build/shellcheck.mjs FILE…`: checks shell scripts, with a shellcheck that is here or installed now. Exit code 3: none can be had.
import { spawnSync } from 'node:child_process';

const NONE = 3;

function isHere() {
  return spawnSync('shellcheck', ['--version'], { stdio: 'ignore' }).status === 0;
}

function install() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return;
  process.stderr.write('No shellcheck found: installing one for the tests…\n');
  const options = {
    stdio: ['ignore', 2, 2],
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'shellcheck'], options);
}

if (!isHere()) install();
if (!isHere()) process.exit(NONE);
process.exit(spawnSync('shellcheck', process.argv.slice(2), { stdio: 'inherit' }).status ?? 1);
