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
    ({ control, process, queue }) => control === 'managed' && isAlive(process) && (queue ?? 0) > 0,
  );
  const [first] = busy;
  if (first === undefined) return null;
  const prompts = busy.reduce((sum, { queue }) => sum + (queue ?? 0), 0);
  return {
    message: busy.length === 1 ? `${first.name} is working.` : `${busy.length} servers are working.`,
    detail: `${prompts === 1 ? 'One prompt is' : `${prompts} prompts are`} not finished. Stopped servers lose them; servers left running finish them and are found again at the next start.`,
  };
}
