import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { GPUS, type World } from './world.ts';

export function electronPath(): string {
  const executable = process.env['ENSEMBLE_ELECTRON'];
  if (executable === undefined) throw new Error('Run these tests through build/test-desktop.mjs');
  return executable;
}

/** Our own options. */
export function options(world: World): readonly string[] {
  return [`--demo=${GPUS}`, `--data=${world.data}`];
}

export function appArguments(world: World): readonly string[] {
  return [process.env['ENSEMBLE_DESKTOP_APP'] ?? '', ...options(world)];
}

/** A picture of the whole screen, panel and notifications included, for a person to look at. */
export function photograph(name: string): string {
  const folder = path.resolve('test-results', 'desktop-screens');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.png`);
  execFileSync('import', ['-window', 'root', file]);
  return file;
}
