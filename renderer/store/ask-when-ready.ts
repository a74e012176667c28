import type { CommandArgs, CommandName, CommandResult, ControlClient } from '../../shared/contract.ts';
import { toEnvelope } from '../../shared/errors.ts';

/**
 * A question about runs and files, asked again with each change of the fleet for as long as that is still being set up: a
 * page that opens with the control center would have to be told to try again. @throws EnsembleError for any other refusal
 */
export async function askWhenReady<C extends CommandName>(
  client: ControlClient,
  command: C,
  args: CommandArgs<C>,
): Promise<CommandResult<C>> {
  for (;;) {
    // From before the question on: the change may come before the refusal.
    const change = nextChange(client);
    try {
      return await client.invoke(command, args);
    } catch (error) {
      if (toEnvelope(error).code !== 'not-ready') throw error;
      await change.seen;
    } finally {
      change.forget();
    }
  }
}

function nextChange(client: ControlClient): { readonly seen: Promise<void>; readonly forget: () => void } {
  let forget = (): void => undefined;
  const seen = new Promise<void>((resolve) => {
    forget = client.subscribe('fleet', () => resolve());
  });
  return { seen, forget };
}
