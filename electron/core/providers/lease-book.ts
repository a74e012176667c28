import {
  costOf,
  dollars,
  isOpen,
  type Lease,
  type LeaseId,
  type SpendCaps,
  type Spending,
  timeLeft,
} from '../../../shared/providers.ts';

/** All leases and what they have cost: one value that is on disk before anything is asked of a provider. */
export interface LeaseBook {
  /** Names this control center in the tags of what it rents. */
  readonly controller: string;
  readonly leases: readonly Lease[];
  /** Hour since the epoch → USD that were spent in it, of the last 25. */
  readonly hours: Readonly<Record<string, number>>;
  /** USD, all that was ever spent. */
  readonly total: number;
  /** Up to when it is counted, ms since the epoch. */
  readonly countedTo: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KEPT_HOURS = 25;
/** Finished leases that are remembered, for the prices of what they made. */
const KEPT_LEASES = 500;
/** A lease that ends itself costs nothing any more then, whether we were there to see it or not. */
const OVERDUE_MS = 10 * 60_000;

export function emptyBook(controller: string, now: number): LeaseBook {
  return { controller, leases: [], hours: {}, total: 0, countedTo: now };
}

/**
 * Counts the time since the last count. A clock that was set back counts as no time at all, one that was set forward (or
 * slept) as time that was paid for: what was spent never becomes less.
 * @param busy leases that have something to do now
 */
export function count(book: LeaseBook, now: number, busy: ReadonlySet<LeaseId>): LeaseBook {
  const passed = Math.max(0, now - book.countedTo);
  if (passed === 0) return now === book.countedTo ? book : { ...book, countedTo: now };
  let spent = 0;
  const leases = book.leases.map((lease) => {
    if (!isOpen(lease)) return lease;
    const paid = Math.min(passed, payable(lease));
    spent += costOf(lease.pricePerHour, paid);
    const idles = lease.state.status === 'ready' && !busy.has(lease.id);
    return { ...lease, billedMs: lease.billedMs + paid, idleMs: idles ? lease.idleMs + passed : 0 };
  });
  const hour = Math.floor(now / HOUR_MS);
  const kept = Object.entries(book.hours).filter(([key]) => Number(key) > hour - KEPT_HOURS);
  const hours = { ...Object.fromEntries(kept), [hour]: (book.hours[hour] ?? 0) + spent };
  return { ...book, leases, hours, total: book.total + spent, countedTo: now };
}

function payable({ leash, ttlMinutes, billedMs }: Lease): number {
  if (leash === 'nobody') return Number.POSITIVE_INFINITY;
  return Math.max(0, ttlMinutes * 60_000 + OVERDUE_MS - billedMs);
}

export function spendingOf(book: LeaseBook): Spending {
  return {
    rate: sum(openLeases(book).map(({ pricePerHour }) => pricePerHour)),
    day: sum(Object.values(book.hours)),
    total: book.total,
  };
}

export function openLeases(book: LeaseBook): readonly Lease[] {
  return book.leases.filter(isOpen);
}

export function leaseOf(book: LeaseBook, id: LeaseId): Lease | null {
  return book.leases.find((lease) => lease.id === id) ?? null;
}

/** Newest first; finished ones beyond the limit are forgotten, open ones never. */
export function withLease(book: LeaseBook, lease: Lease): LeaseBook {
  const known = book.leases.some(({ id }) => id === lease.id);
  const all = known
    ? book.leases.map((other) => (other.id === lease.id ? lease : other))
    : [lease, ...book.leases];
  let finished = 0;
  const leases = all.filter((other) => {
    if (isOpen(other)) return true;
    finished += 1;
    return finished <= KEPT_LEASES;
  });
  return { ...book, leases };
}

/**
 * Whether one more lease is within the caps even if all of them last as long as they may.
 * @returns null, or why it is refused in one sentence
 */
export function refusalOf(
  book: LeaseBook,
  caps: SpendCaps,
  wanted: { readonly pricePerHour: number; readonly ttlMinutes: number },
): string | null {
  const { rate, day, total } = spendingOf(book);
  const open = [...openLeases(book), { ...wanted, billedMs: 0 }];
  const within = (ms: number): number =>
    sum(open.map((lease) => costOf(lease.pricePerHour, Math.min(ms, timeLeft(lease)))));
  const checks = [
    { cap: caps.perHour, would: rate + wanted.pricePerHour, what: 'per hour' },
    { cap: caps.perDay, would: day + within(DAY_MS), what: 'per day' },
    { cap: caps.total, would: total + within(Number.POSITIVE_INFINITY), what: 'in total' },
  ];
  for (const { cap, would, what } of checks) {
    if (cap === null || would <= cap + TINY) continue;
    return `With it up to ${dollars(would)} ${what} could be spent, and the limit is ${dollars(cap)}.`;
  }
  return null;
}

/** Sums of prices are no whole numbers. */
const TINY = 1e-9;

export interface Verdict {
  readonly lease: LeaseId;
  readonly because: string;
}

/**
 * Which leases have to end now.
 * @param readyMinutes of the provider of a pending lease
 */
export function verdicts(
  book: LeaseBook,
  caps: SpendCaps,
  readyMinutes: (lease: Lease) => number,
): readonly Verdict[] {
  const open = openLeases(book).filter(({ state }) => state.status !== 'draining');
  const own = open.flatMap((lease) => {
    const because = ownEnd(lease, readyMinutes(lease));
    return because === null ? [] : [{ lease: lease.id, because }];
  });
  const ended = new Set(own.map(({ lease }) => lease));
  return [...own, ...overCaps(book, caps, open).filter(({ lease }) => !ended.has(lease))];
}

function ownEnd(
  { state, ttlMinutes, idleMinutes, idleMs, ...lease }: Lease,
  readyMinutes: number,
): string | null {
  if (lease.billedMs >= ttlMinutes * 60_000) return `Its ${minutes(ttlMinutes)} are over.`;
  if (state.status === 'pending' && lease.billedMs >= readyMinutes * 60_000) {
    const waits = state.note === null ? '' : ` The last that was heard of it: ${state.note}`;
    return `It was not ready within ${minutes(readyMinutes)}.${waits}`;
  }
  if (state.status === 'ready' && idleMinutes > 0 && idleMs >= idleMinutes * 60_000) {
    return `It had nothing to do for ${minutes(idleMinutes)}.`;
  }
  return null;
}

/** Caps can be lowered while leases run, and a clock can have slept: the newest leases go first. */
function overCaps(book: LeaseBook, caps: SpendCaps, open: readonly Lease[]): readonly Verdict[] {
  const { rate, day, total } = spendingOf(book);
  const all = (because: string): readonly Verdict[] => open.map(({ id }) => ({ lease: id, because }));
  if (caps.total !== null && total >= caps.total - TINY && rate > 0) {
    return all(`All of the ${dollars(caps.total)} that may be spent in total are spent.`);
  }
  if (caps.perDay !== null && day >= caps.perDay - TINY && rate > 0) {
    return all(`All of the ${dollars(caps.perDay)} that may be spent per day are spent.`);
  }
  if (caps.perHour === null) return [];
  let running = rate;
  const over: Verdict[] = [];
  for (const { id, pricePerHour } of open) {
    if (running <= caps.perHour + TINY) break;
    if (pricePerHour === 0) continue;
    running -= pricePerHour;
    over.push({ lease: id, because: `No more than ${dollars(caps.perHour)} per hour may be spent.` });
  }
  return over;
}

function minutes(count: number): string {
  if (count % 60 === 0 && count > 0) return count === 60 ? '1 hour' : `${count / 60} hours`;
  return count === 1 ? '1 minute' : `${count} minutes`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
