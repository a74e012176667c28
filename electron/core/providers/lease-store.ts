import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { type Clock, Emitter } from '../ports.ts';
import { writeFileAtomically } from '../settings/atomic-file.ts';
import { emptyBook, type LeaseBook } from './lease-book.ts';

const outcome = z.enum(['released', 'failed', 'lost']);
const state = z.discriminatedUnion('status', [
  z.object({ status: z.literal('pending'), note: z.string().nullable() }),
  z.object({ status: z.literal('ready'), url: z.string(), since: z.number() }),
  z.object({
    status: z.literal('draining'),
    because: z.string(),
    outcome,
    since: z.number(),
    trouble: z.string().nullable(),
  }),
  z.object({ status: outcome, because: z.string(), at: z.number() }),
]);
const lease = z.object({
  id: z.string(),
  provider: z.string(),
  providerName: z.string(),
  offer: z.string(),
  offerName: z.string(),
  pricePerHour: z.number(),
  leash: z.enum(['itself', 'nobody']),
  requestedAt: z.number(),
  ttlMinutes: z.number(),
  idleMinutes: z.number(),
  billedMs: z.number(),
  idleMs: z.number(),
  reference: z.string().nullable(),
  worker: z.string().nullable(),
  state,
});
const bookSchema = z.object({
  controller: z.string().regex(/^[a-z0-9]{10}$/),
  leases: z.array(lease),
  hours: z.record(z.string(), z.number()),
  total: z.number(),
  countedTo: z.number(),
});
const CONTROLLER = /"controller":\s*"([a-z0-9]{10})"/;

export interface LeaseStoreDeps {
  readonly clock: Clock;
  /** A new name of this control center: ten lower-case letters and digits. */
  readonly newController: () => string;
  readonly write?: (file: string, content: string) => Promise<void>;
}

/** The book on disk. What a change says is durable when its promise resolves: only then may a provider be asked. */
export class LeaseStore {
  readonly #changed = new Emitter<LeaseBook>();
  #value: LeaseBook;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly file: string,
    value: LeaseBook,
    /** Why what was rented before is not known; null when it is. */
    readonly problem: string | null,
    private readonly write: (file: string, content: string) => Promise<void>,
  ) {
    this.#value = value;
  }

  /** A damaged file is set aside; the tag in it is saved where possible, so that what was rented is found by it. */
  static async open(file: string, deps: LeaseStoreDeps): Promise<LeaseStore> {
    const write = deps.write ?? writeFileAtomically;
    const now = deps.clock.now();
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw unwritable(file, error);
    });
    if (text === null) return new LeaseStore(file, emptyBook(deps.newController(), now), null, write);
    const book = read(text);
    if (book !== null) return new LeaseStore(file, book, null, write);
    await write(`${file}.damaged`, text).catch(() => undefined);
    const controller = CONTROLLER.exec(text)?.[1] ?? deps.newController();
    const problem = `The list of what was rented was damaged and is set aside as ${file}.damaged.`;
    return new LeaseStore(file, emptyBook(controller, now), problem, write);
  }

  get value(): LeaseBook {
    return this.#value;
  }

  onChange(listener: (book: LeaseBook) => void): () => void {
    return this.#changed.on(listener);
  }

  /**
   * One after the other, each on the result of the one before.
   * @throws EnsembleError('settings-unwritable'); nothing has changed then
   */
  update(change: (book: LeaseBook) => LeaseBook): Promise<LeaseBook> {
    const result = this.#queue.then(async () => {
      const next = change(this.#value);
      if (next === this.#value) return next;
      try {
        await this.write(this.file, `${JSON.stringify(next)}\n`);
      } catch (error) {
        throw unwritable(this.file, error);
      }
      this.#value = next;
      this.#changed.emit(next);
      return next;
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Counting alone need not be durable at once: the next change takes it along. */
  note(change: (book: LeaseBook) => LeaseBook): void {
    this.#queue = this.#queue.then(() => {
      const next = change(this.#value);
      if (next === this.#value) return;
      this.#value = next;
      this.#changed.emit(next);
    });
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#queue;
  }
}

function read(text: string): LeaseBook | null {
  try {
    const parsed = bookSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function unwritable(file: string, error: unknown): EnsembleError {
  return new EnsembleError(
    'settings-unwritable',
    `The list of what is rented (${file}) cannot be used: ${messageOf(error)}.`,
    'Nothing was rented. Make room, or give your user the right to write there.',
  );
}
