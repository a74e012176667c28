import { Emitter } from '../../electron/core/ports.ts';
import type {
  CommandArgs,
  CommandHandlers,
  CommandName,
  CommandResult,
  EventName,
  EventSource,
  Events,
} from '../../shared/contract.ts';
import { EnsembleError } from '../../shared/errors.ts';
import { COMMAND_NAMES } from '../../shared/parse.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';
import { SAMPLES } from './samples.ts';

export interface Call {
  readonly command: CommandName;
  readonly args: unknown;
}

/** Implements the contract by rote: it notes each call and answers with the sample result, or with what a test has set. */
export class FakeCenter {
  readonly calls: Call[] = [];
  readonly #failures = new Map<CommandName, unknown>();
  readonly #messages = new Emitter<{ readonly event: EventName; readonly payload: unknown }>();
  readonly handlers: CommandHandlers;
  readonly events: EventSource;

  constructor() {
    const entries = COMMAND_NAMES.map((command) => [command, (args: never) => this.#answer(command, args)]);
    this.handlers = Object.fromEntries(entries) as CommandHandlers;
    this.events = {
      on: (event, listener) =>
        this.#messages.on((message) => {
          if (message.event === event) listener(message.payload as never);
        }),
    };
  }

  fail(command: CommandName, error: unknown): void {
    this.#failures.set(command, error);
  }

  emit<E extends EventName>(event: E, payload: Events[E]): void {
    this.#messages.emit({ event, payload });
  }

  get listeners(): number {
    return this.#messages.size;
  }

  async #answer<C extends CommandName>(command: C, args: CommandArgs<C>): Promise<CommandResult<C>> {
    this.calls.push({ command, args });
    const failure = this.#failures.get(command);
    if (failure !== undefined) throw failure;
    return SAMPLES[command].result;
  }
}

export const REFUSAL = new EnsembleError('conflict', 'The port is taken by “Wörker 1”.', 'Choose 8190.', [
  { field: 'port', message: 'is taken' },
]);

/** A recognisable event: the telemetry row of second `at`. */
export function telemetryAt(at: number): Events['telemetry'] {
  const host = { cpu: 0.25, memoryUsed: null, memoryTotal: null, diskFree: null, diskTotal: null };
  return { at, gpus: [], host };
}

export const SETTINGS_EVENT = { ...DEFAULT_SETTINGS, theme: 'dark' } as const;
