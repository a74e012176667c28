import { openJournal } from '../../electron/core/runs/journal/journal.ts';
import type { Journal } from '../../electron/core/runs/records.ts';
import { EnsembleError } from '../../shared/errors.ts';

const WRITES: ReadonlySet<string | symbol> = new Set<keyof Journal>([
  'together',
  'addRun',
  'updateRun',
  'addShards',
  'updateShard',
  'addAttempt',
  'updateAttempt',
  'beginPlacing',
  'movePlacing',
  'endPlacing',
  'dropPlacing',
  'saveSpeed',
  'setSetting',
]);

/** A disk that has room except for the writes that a test names. */
export class FullDisk {
  writes = 0;
  failed = 0;

  /** @param isFull asked with the number of each write to the journal, 1 for the first */
  constructor(private readonly isFull: (write: number) => boolean) {}

  readonly journal: typeof openJournal = (file, deps) => {
    const journal = openJournal(file, deps);
    return new Proxy(journal, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]): unknown => {
          if (WRITES.has(name)) this.#write();
          return value.apply(target, args);
        };
      },
    });
  };

  #write(): void {
    this.writes += 1;
    if (!this.isFull(this.writes)) return;
    this.failed += 1;
    throw new EnsembleError('disk-full', 'The disk is full: the record of runs cannot be written.');
  }
}
