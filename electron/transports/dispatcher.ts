import { inspect } from 'node:util';
import type { CommandHandlers, CommandName } from '../../shared/contract.ts';
import { EnsembleError, toEnvelope } from '../../shared/errors.ts';
import type { Reply } from '../../shared/ipc.ts';
import { nearest } from '../../shared/nearest.ts';
import { COMMAND_NAMES, isCommandName, parseCommandArgs } from '../../shared/parse.ts';
import type { Logger } from '../core/ports.ts';

/** A longer name is certainly none of ours, and is not worth a search for what was meant. */
const LONGEST_SUGGESTED = 64;

/** The one door to the control center: whatever carries a command, it is checked, run and answered here. */
export class Dispatcher {
  readonly #handlers: CommandHandlers;
  readonly #logger: Logger;

  constructor(handlers: CommandHandlers, logger: Logger) {
    this.#handlers = handlers;
    this.#logger = logger;
  }

  /** Never rejects: every refusal and every failure is an envelope. */
  async dispatch(command: unknown, args: unknown): Promise<Reply> {
    try {
      if (!isCommandName(command)) throw unknownCommand(command);
      const result: unknown = await this.#run(command, args);
      return { ok: true, result: result ?? null };
    } catch (error) {
      if (!(error instanceof EnsembleError) || error.code === 'internal') this.#report(command, error);
      return { ok: false, error: toEnvelope(error) };
    }
  }

  #run<C extends CommandName>(command: C, args: unknown): Promise<unknown> {
    return this.#handlers[command](parseCommandArgs(command, args));
  }

  #report(command: unknown, error: unknown): void {
    this.#logger.error(`The command ${String(command)} failed unexpectedly`, {
      command: String(command),
      error: describe(error),
      cause: error instanceof Error && error.cause !== undefined ? describe(error.cause) : null,
    });
  }
}

function unknownCommand(command: unknown): EnsembleError {
  if (typeof command !== 'string') {
    return new EnsembleError('unknown-command', 'The name of a command must be text.');
  }
  const short = command.slice(0, LONGEST_SUGGESTED);
  const guess = nearest(short, COMMAND_NAMES);
  return new EnsembleError(
    'unknown-command',
    `There is no command “${short}”.`,
    guess === null ? null : `Did you mean “${guess}”?`,
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error);
}
