import { isAlive } from '../../shared/lifecycle.ts';
import type { FleetSnapshot } from '../../shared/model.ts';

export type QuitChoice = 'end' | 'leave' | 'cancel';

export interface QuitQuestion {
  readonly message: string;
  readonly detail: string;
}

/** Asked only when ending the servers would throw away work: they are ours, and something runs or waits on them. */
export function quitQuestion(
  fleet: Pick<FleetSnapshot, 'instances'>,
  stopOnQuit: boolean,
): QuitQuestion | null {
  if (!stopOnQuit) return null;
  const busy = fleet.instances.filter(
    ({ type, control, process, queue }) =>
      type === 'local' && control === 'managed' && isAlive(process) && (queue ?? 0) > 0,
  );
  const [first] = busy;
  if (first === undefined) return null;
  const prompts = busy.reduce((sum, { queue }) => sum + (queue ?? 0), 0);
  return {
    message: busy.length === 1 ? `${first.name} is working.` : `${busy.length} servers are working.`,
    detail: `Stopping the servers loses ${prompts === 1 ? 'one unfinished prompt' : `${prompts} unfinished prompts`}. Left running they finish their work, and are found again at the next start.`,
  };
}
