import type { InstanceSnapshot } from '../../shared/model.ts';

export interface InstanceImage {
  readonly path: string;
  /** A preview frame of work in progress; otherwise the finished test picture. */
  readonly live: boolean;
}

/** The image worth showing for an instance now; null when there is none. */
export function imageOf(instance: InstanceSnapshot): InstanceImage | null {
  const working = instance.activity !== null || instance.picture?.status === 'running';
  if (working && instance.preview > 0) {
    return { path: `/files/previews/${encodeURIComponent(instance.id)}?n=${instance.preview}`, live: true };
  }
  if (instance.picture?.status === 'done' && instance.picture.url !== null) {
    return { path: instance.picture.url, live: false };
  }
  return null;
}
