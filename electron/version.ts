import { readFileSync } from 'node:fs';
import path from 'node:path';

/** package.json lies one folder above dist/, above electron/ in the tests, and in the packaged app alike. */
export function appVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8'),
  );
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return String(manifest.version);
  }
  throw new Error('package.json has no version');
}
