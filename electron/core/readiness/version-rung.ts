import type { RungState } from '../../../shared/remote.ts';

/** Whether two versions of ComfyUI are close enough: their first two numbers are the same, e.g. 0.33.0 and 0.33.4. */
export function isCloseTo(version: string, other: string): boolean {
  const [a, b] = [firstTwo(version), firstTwo(other)];
  return a === null || b === null || a === b;
}

export function versionRung(version: string | null, master: string | null): RungState {
  if (version === null) return { status: 'passed', detail: 'ComfyUI, of a version that it does not tell.' };
  if (master === null || isCloseTo(version, master))
    return { status: 'passed', detail: `ComfyUI ${version}.` };
  return {
    status: 'warning',
    detail: `ComfyUI ${version}; the master has ${master}.`,
    remedy: 'Pictures may differ between the two, and nodes may be missing: bring both to one version.',
  };
}

function firstTwo(version: string): string | null {
  return /^v?(\d+\.\d+)/.exec(version)?.[1] ?? null;
}
