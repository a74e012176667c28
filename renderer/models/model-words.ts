import type { Tone } from '../../shared/condition.ts';
import {
  countMissing,
  type ModelInstance,
  type ModelPresence,
  type ModelReport,
  type NamedModel,
} from '../../shared/models.ts';
import { formatBytes } from '../store/format.ts';

/** What a person reads about models. Pure. */

export const isMissing = (model: NamedModel): boolean => countMissing(model) > 0;

/** Missing ones first, each group in the order of the workflow. */
export function rowsOf({ models }: ModelReport, onlyMissing: boolean): readonly NamedModel[] {
  const missing = models.filter(isMissing);
  return onlyMissing ? missing : [...missing, ...models.filter((model) => !isMissing(model))];
}

/** "2.1 GB", or "180 to 200 MB" where instances have different files under one name. */
export function sizeWords({ on }: NamedModel): string {
  const sizes = on.flatMap((one) => (one.status === 'there' && one.bytes !== null ? [one.bytes] : []));
  if (sizes.length === 0) return '–';
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)].map(formatBytes);
  return least === most ? (least ?? '–') : `${least} to ${most}`;
}

export interface PresenceWords {
  readonly word: string;
  readonly tone: Tone;
}

/** Where sizes differ, which one is where is what matters. */
export function presenceWords(presence: ModelPresence | undefined, sizesDiffer: boolean): PresenceWords {
  switch (presence?.status) {
    case 'there': {
      if (!sizesDiffer || presence.bytes === null) return { word: 'There', tone: 'ok' };
      return { word: formatBytes(presence.bytes), tone: 'warning' };
    }
    case 'missing':
      return { word: 'Missing', tone: 'error' };
    default:
      return { word: 'Not known', tone: 'neutral' };
  }
}

export function verdictWords({ canRun, why }: ModelInstance): PresenceWords {
  if (canRun === null) return { word: why ?? 'Not known', tone: 'neutral' };
  return canRun ? { word: 'Can run it', tone: 'ok' } : { word: why ?? 'Cannot run it', tone: 'error' };
}

/** The worst of what is known, for the line in the run dialog. */
export function reportTone({ models, instances }: ModelReport): Tone {
  if (models.some(isMissing)) return 'error';
  if (models.some(({ sizesDiffer }) => sizesDiffer)) return 'warning';
  return instances.some(({ canRun }) => canRun === null) ? 'neutral' : 'ok';
}

/** "huggingface.co/…/flux1.safetensors": enough to know it again. */
export function shortUrl(url: string): string {
  const { host, pathname } = new URL(url);
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  return pathname.split('/').length > 2 ? `${host}/…/${last}` : `${host}${pathname}`;
}
