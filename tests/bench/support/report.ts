import { cpus, totalmem } from 'node:os';

export function describeMachine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

interface Row {
  readonly what: string;
  readonly value: number;
  /** null: only told. */
  readonly limit: number | null;
  readonly unit: string;
  /** true: `value` must not exceed `limit`; false: it must reach it. */
  readonly most: boolean;
}

/** Collects figures with their limits and says which hold. */
export class Report {
  readonly #rows: Row[] = [];

  constructor(
    private readonly name: string,
    private readonly circumstances: string,
  ) {}

  atMost(what: string, value: number, limit: number, unit: string): void {
    this.#rows.push({ what, value, limit, unit, most: true });
  }

  atLeast(what: string, value: number, limit: number, unit: string): void {
    this.#rows.push({ what, value, limit, unit, most: false });
  }

  /** What a figure is compared with, or what has no limit of its own. */
  tell(what: string, value: number, unit: string): void {
    this.#rows.push({ what, value, limit: null, unit, most: true });
  }

  get failed(): boolean {
    return this.#rows.some((row) => !holds(row));
  }

  print(): void {
    const width = Math.max(...this.#rows.map((row) => row.what.length));
    process.stdout.write(`\n${this.name}: ${this.circumstances}\n`);
    for (const row of this.#rows) {
      const value = `${round(row.value)} ${row.unit}`.padStart(14);
      process.stdout.write(`  ${row.what.padEnd(width)} ${value}${verdict(row)}\n`);
    }
  }
}

function verdict(row: Row): string {
  if (row.limit === null) return '';
  const limit = `${row.most ? '≤' : '≥'} ${round(row.limit)} ${row.unit}`;
  return `   (${limit})  ${holds(row) ? 'ok' : 'MISSED'}`;
}

function holds({ value, limit, most }: Row): boolean {
  if (limit === null) return true;
  return most ? value <= limit : value >= limit;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

/** The value below which `share` of the numbers lie (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
