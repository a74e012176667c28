import { z } from 'zod';
import type { LeaseId } from '../../../shared/providers.ts';
import { LEASE_LABEL } from './kube-manifests.ts';

/** What a pod says of itself, as far as it matters here. */

const containerState = z.looseObject({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  terminated: z
    .object({
      reason: z.string().optional(),
      exitCode: z.number().optional(),
      message: z.string().optional(),
    })
    .optional(),
});
export const podSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string().default(''),
    resourceVersion: z.string().default(''),
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().nullish(),
  }),
  status: z
    .looseObject({
      phase: z.string().default('Pending'),
      reason: z.string().optional(),
      message: z.string().optional(),
      conditions: z
        .array(z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .default([]),
      containerStatuses: z
        .array(z.looseObject({ state: containerState.default({}), restartCount: z.number().default(0) }))
        .default([]),
    })
    .default({ phase: 'Pending', conditions: [], containerStatuses: [] }),
});
export type Pod = z.infer<typeof podSchema>;

export const podListSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().default('') }),
  items: z.array(podSchema),
});

export function keyOf(pod: Pod): LeaseId | null {
  return pod.metadata.labels[LEASE_LABEL] ?? null;
}

export type PodReading =
  | { readonly kind: 'starting'; readonly note: string }
  | { readonly kind: 'up' }
  | { readonly kind: 'gone'; readonly because: string };

export function readPod({ metadata, status }: Pod): PodReading {
  if (metadata.deletionTimestamp) return { kind: 'gone', because: 'The pod is being deleted.' };
  if (status.phase === 'Failed' || status.phase === 'Succeeded') {
    const why = [status.reason, status.message].filter(Boolean).join(': ');
    return { kind: 'gone', because: `The pod has ended (${why || status.phase.toLowerCase()}).` };
  }
  const condition = (type: string) => status.conditions.find((one) => one.type === type);
  if (condition('Ready')?.status === 'True') return { kind: 'up' };
  const scheduled = condition('PodScheduled');
  if (scheduled?.status === 'False') {
    return { kind: 'starting', note: `No node takes it: ${scheduled.message ?? 'no reason was given'}` };
  }
  return { kind: 'starting', note: startNote(status.containerStatuses[0]) };
}

function startNote(container: Pod['status']['containerStatuses'][number] | undefined): string {
  const { waiting, terminated } = container?.state ?? {};
  if (waiting !== undefined) {
    const { reason = 'waiting', message } = waiting;
    if (reason === 'ContainerCreating') return 'The image is fetched.';
    return message === undefined ? reason : `${reason}: ${message}`;
  }
  if (terminated !== undefined) {
    const { reason = 'ended', exitCode } = terminated;
    return `ComfyUI ended (${reason}, exit code ${exitCode ?? 'unknown'}) and is started again.`;
  }
  return container === undefined ? 'A node is chosen.' : 'ComfyUI starts.';
}
