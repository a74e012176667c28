import { MASTER_ID } from '../../../../shared/model.ts';
import type { RunOptions } from '../../../../shared/runs.ts';
import type { Distribution } from '../../../../shared/settings.ts';
import type { RunService } from '../../runs/run-service.ts';

/** Enough to see whether one copy differs from the next. */
const TWO = 2;

/** How a prompt is distributed that does not say so itself. */
export async function distributed(
  how: Distribution,
  workflow: string,
  options: RunOptions,
  service: Pick<RunService, 'plan'>,
): Promise<RunOptions> {
  switch (how) {
    case 'balance':
      return options;
    case 'master':
      return { ...options, mode: 'participating', on: [MASTER_ID] };
    case 'fan-out':
      return { ...options, copies: await copiesFor(workflow, options, service) };
  }
}

/** One per participant; null where the workflow decides itself, or where all copies would be alike. */
async function copiesFor(
  workflow: string,
  options: RunOptions,
  service: Pick<RunService, 'plan'>,
): Promise<number | null> {
  // What is wrong with it is told when it is submitted.
  const bare = await service.plan(workflow, options).catch(() => null);
  if (bare?.kind !== 'whole') return null;
  const copies = bare.participants.filter(({ takesPart }) => takesPart).length;
  if (copies < TWO) return null;
  const { seeds } = await service.plan(workflow, { ...options, copies: TWO });
  return seeds.length > 0 ? copies : null;
}
