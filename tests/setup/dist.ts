import path from 'node:path';

/** Where the built entries lie: dist/, or ENSEMBLE_DIST. */
export function distFile(name: string): string {
  return path.join(path.resolve(process.env['ENSEMBLE_DIST'] ?? 'dist'), name);
}
