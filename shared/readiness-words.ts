import type { Tone } from './condition.ts';
import { failedRung, type Measured, type Readiness, RUNGS, type Rung, type RungState } from './remote.ts';

/** What people read of the readiness ladder, on the page and in a terminal. Pure. */

export const RUNG_WORDS: Readonly<Record<Rung, string>> = {
  reachable: 'Reachable',
  comfyui: 'ComfyUI',
  nodes: 'Node classes',
  models: 'Models',
  files: 'Files there and back',
};

const STATES: Readonly<Record<RungState['status'], { readonly word: string; readonly tone: Tone }>> = {
  waiting: { word: 'Waiting', tone: 'neutral' },
  checking: { word: 'Checking', tone: 'busy' },
  passed: { word: 'Passed', tone: 'ok' },
  warning: { word: 'Passed, with a note', tone: 'warning' },
  failed: { word: 'Failed', tone: 'error' },
};

/** "Waiting" is for a rung that is still to come; above one that failed nothing is tried. */
export function rungState(readiness: Readiness, rung: Rung): { readonly word: string; readonly tone: Tone } {
  const state = readiness.rungs[rung];
  if (state.status === 'waiting' && readiness.done) return { word: 'Not tried', tone: 'neutral' };
  return STATES[state.status];
}

/** The whole ladder in a few words, e.g. "Fails at “Models”". */
export function ladderWords(readiness: Readiness): { readonly word: string; readonly tone: Tone } {
  const failed = failedRung(readiness);
  if (failed !== null) return { word: `Fails at “${RUNG_WORDS[failed]}”`, tone: 'error' };
  const held = RUNGS.filter((rung) => ['passed', 'warning'].includes(readiness.rungs[rung].status));
  if (!readiness.done) return { word: `Testing: ${held.length} of ${RUNGS.length} passed`, tone: 'busy' };
  const warned = RUNGS.some((rung) => readiness.rungs[rung].status === 'warning');
  return warned
    ? { word: 'All rungs hold, with a note', tone: 'warning' }
    : { word: `All ${RUNGS.length} rungs hold`, tone: 'ok' };
}

/**
 * What the difference between two versions of ComfyUI means; null while it means little (the same first two numbers) or one
 * of them is not known.
 */
export function versionRisk(worker: string | null, master: string | null): string | null {
  const theirs = series(worker);
  const ours = series(master);
  if (theirs === null || ours === null || theirs === ours) return null;
  return (
    `It runs ComfyUI ${worker}, the master ${master}: a node or an input that one of them lacks makes a workflow fail ` +
    'there, and the same seed may give another picture. Update the older one.'
  );
}

function series(version: string | null): string | null {
  return /^v?(\d+\.\d+)(?:\D|$)/.exec(version ?? '')?.[1] ?? null;
}

/** "3 ms"; clocks tell no shorter time. */
export function latencyWords(ms: number): string {
  return ms < 1 ? '< 1 ms' : `${Math.round(ms)} ms`;
}

/** "94 / 101 MB/s", both in the unit of the faster one, as networks count (1 MB = 1000 kB); null while neither is known. */
export function ratesWords({ uploadRate, downloadRate }: Measured): string | null {
  if (uploadRate === null && downloadRate === null) return null;
  const [size, unit] = Math.max(uploadRate ?? 0, downloadRate ?? 0) >= 1e6 ? [1e6, 'MB/s'] : [1e3, 'kB/s'];
  const text = (rate: number | null): string => {
    if (rate === null) return '–';
    return rate / size < 10 ? (rate / size).toFixed(1) : String(Math.round(rate / size));
  };
  return `${text(uploadRate)} / ${text(downloadRate)} ${unit}`;
}
