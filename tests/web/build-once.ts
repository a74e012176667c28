import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** The specs look at the built page, some of them at the whole built host; ENSEMBLE_PREBUILT=1 says that it is fresh. */
export default function buildOnce(): void {
  if (process.env['ENSEMBLE_PREBUILT'] === '1') return;
  const root = path.resolve(__dirname, '../..');
  execFileSync(process.execPath, ['build/build.mjs'], { cwd: root, stdio: 'inherit' });
}
