import type { ProviderEvent, Watcher } from '../../../electron/core/providers/provider.ts';

/** What a provider told, and waiting for it without sleeping. */
export class EventLog implements Watcher {
  readonly events: ProviderEvent[] = [];
  readonly troubles: (string | null)[] = [];
  #wake: () => void = () => {};

  readonly onEvent = (event: ProviderEvent): void => {
    this.events.push(event);
    this.#wake();
  };

  readonly onTrouble = (trouble: string | null): void => {
    this.troubles.push(trouble);
    this.#wake();
  };

  async until<T>(look: (log: EventLog) => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look(this);
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The first of this kind that has not been waited for. */
  async next<K extends ProviderEvent['kind']>(kind: K): Promise<Extract<ProviderEvent, { kind: K }>> {
    const index = await this.until(({ events }) => {
      const at = events.findIndex((event) => event.kind === kind);
      return at === -1 ? undefined : at + 1;
    });
    const [found] = this.events.splice(0, index).slice(-1);
    return found as Extract<ProviderEvent, { kind: K }>;
  }
}
