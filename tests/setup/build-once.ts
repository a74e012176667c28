import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Tests that start real child processes use the built entries; ENSEMBLE_PREBUILT=1 says that dist/ is fresh. */
export default function buildOnce(): void {
  if (process.env['ENSEMBLE_PREBUILT'] === '1') return;
  execFileSync(process.execPath, [path.resolve('build/build.mjs'), '--node'], { stdio: 'inherit' });
}
