import type { RunId } from '../../../../shared/runs.ts';
import type { Database, Row } from '../../runs/journal/database.ts';
import { maybeNumber, numberIn, textOf } from '../../runs/journal/rows.ts';
import { type FinishedLine, FinishedLines } from './finished-lines.ts';
import { BLOCK, HistoryBlocks } from './history-blocks.ts';
import { RECORD_COLUMNS, recordOf, texts } from './job-tables.ts';
import type { JobEnding, JobRecord } from './job-types.ts';

/** As many as ComfyUI remembers. */
const MOST_FINISHED = 10_000;

const LAST = 'coalesce((SELECT max(finished) FROM jobs), 0)';
/** Numbers are whole ones mostly, and ComfyUI writes them without a fraction. */
const NUMBER = 'iif(number = CAST(number AS INTEGER), CAST(number AS INTEGER), number)';
/** One entry of /history, put together where its texts are: none of them is read only to be written again. */
const ENTRY = `concat(json_quote(prompt_id), ': {"prompt": [', ${NUMBER}, ', ', json_quote(prompt_id), ', ', prompt, ', ',
  extra_data, ', ', outputs, '], ', substr(ending, 2))`;

export interface FinishedJob extends JobRecord, JobEnding {}

/** The prompts of clients that have ended, in the order in which they did. */
export class FinishedJobs {
  readonly #lines = new FinishedLines(MOST_FINISHED, () => this.#readLines());

  readonly #blocks = new HistoryBlocks(
    (first, last) => this.#entries('finished BETWEEN ? AND ?', [first, last], BLOCK).text,
  );

  constructor(private readonly database: Database) {}

  get count(): number {
    const row = this.database.get('SELECT count(*) AS count FROM jobs WHERE finished IS NOT NULL');
    return Number(row?.['count'] ?? 0);
  }

  /** Another one of the same prompt id that has ended is forgotten, as ComfyUI does. */
  end(runId: RunId, promptId: string, { endedAt, ending, summary }: JobEnding): void {
    const replaced = this.database.all(
      'SELECT finished FROM jobs WHERE prompt_id = ? AND finished IS NOT NULL',
      promptId,
    );
    const row = this.database.transaction('crash', () => {
      this.database.run(
        'DELETE FROM jobs WHERE prompt_id = ? AND finished IS NOT NULL AND run_id <> ?',
        ...[promptId, runId],
      );
      this.database.run(
        `UPDATE jobs SET ended_at = ?, ending = ?, summary = ?, finished = ${LAST} + 1 WHERE run_id = ?`,
        ...[endedAt, ending, summary, runId],
      );
      this.database.run(
        `DELETE FROM jobs WHERE finished IS NOT NULL AND finished <= ${LAST} - ${MOST_FINISHED}`,
      );
      return this.database.get('SELECT finished FROM jobs WHERE run_id = ?', runId);
    });
    for (const one of replaced) this.#blocks.changed(numberIn(one, 'finished'));
    if (row === null) return;
    const place = numberIn(row, 'finished');
    for (const changed of [place, place - MOST_FINISHED]) this.#blocks.changed(changed);
    this.#lines.add({ runId, promptId, place, summary });
  }

  /** It goes on, with what its shards have shown so far. @returns null when there is none of that run */
  reopen(runId: RunId): JobRecord | null {
    const row = this.database.get(`SELECT ${RECORD_COLUMNS} FROM jobs WHERE run_id = ?`, runId);
    if (row === null) return null;
    const sql =
      'UPDATE jobs SET ended_at = NULL, ending = NULL, summary = NULL, finished = NULL WHERE run_id = ?';
    this.database.transaction('crash', () => this.database.run(sql, runId));
    this.#blocks.clear();
    this.#lines.remove((line) => line.runId === runId);
    return recordOf(row);
  }

  /** Finished or not. */
  remove(runId: RunId): void {
    this.database.transaction('crash', () => this.database.run('DELETE FROM jobs WHERE run_id = ?', runId));
    this.#blocks.clear();
    this.#lines.remove((line) => line.runId === runId);
  }

  /** @param promptId null = all */
  clear(promptId: string | null): void {
    const one = promptId === null ? '' : ' AND prompt_id = ?';
    this.database.transaction('crash', () =>
      this.database.run(
        `DELETE FROM jobs WHERE finished IS NOT NULL${one}`,
        ...(promptId === null ? [] : [promptId]),
      ),
    );
    this.#blocks.clear();
    this.#lines.remove((line) => promptId === null || line.promptId === promptId);
  }

  find(promptId: string): FinishedJob | null {
    const sql = `SELECT ended_at, ${RECORD_COLUMNS}, ${texts('ending summary')} FROM jobs
      WHERE prompt_id = ? AND finished IS NOT NULL`;
    const row = this.database.get(sql, promptId);
    return row === null ? null : finishedOf(row);
  }

  /** For lists of jobs, without prompts. */
  get lines(): readonly FinishedLine[] {
    return this.#lines.all;
  }

  /**
   * The answer of /history in pieces.
   * @param offset negative = from the end
   */
  *history(offset: number, limit: number): Generator<Buffer, void> {
    const { count } = this;
    const skip = offset >= 0 ? offset : Math.max(0, count + offset);
    let before = '{';
    for (const text of skip === 0 && limit >= count ? this.#all() : this.#some(skip, limit)) {
      yield Buffer.from(before);
      yield text;
      before = ', ';
    }
    yield Buffer.from(before === '{' ? '{}' : '}');
  }

  *#all(): Generator<Buffer, void> {
    const ends = this.database.get('SELECT min(finished) AS first, max(finished) AS last FROM jobs');
    const [first, last] = ['first', 'last'].map((name) => (ends === null ? null : maybeNumber(ends, name)));
    if (first === null || first === undefined || last === null || last === undefined) return;
    for (let place = first - (first % BLOCK); place <= last; place += BLOCK) {
      const text = this.#blocks.of(place);
      if (text.length > 0) yield text;
    }
  }

  *#some(skip: number, limit: number): Generator<Buffer, void> {
    const sql = 'SELECT finished FROM jobs WHERE finished IS NOT NULL ORDER BY finished LIMIT 1 OFFSET ?';
    const start = this.database.get(sql, skip);
    let next = start === null ? null : numberIn(start, 'finished');
    for (let left = limit; next !== null && left > 0; left -= BLOCK) {
      const { text, last } = this.#entries('finished >= ?', [next], Math.min(left, BLOCK));
      if (last === null) return;
      yield text;
      next = last + 1;
    }
  }

  /** The answer of /history/{id}. */
  entry(promptId: string): string {
    return `{${this.#entries('finished IS NOT NULL AND prompt_id = ?', [promptId], 1).text.toString()}}`;
  }

  #entries(
    where: string,
    values: readonly (string | number)[],
    most: number,
  ): { readonly text: Buffer; readonly last: number | null } {
    const sql = `SELECT max(finished) AS last, CAST(group_concat(entry, ', ') AS BLOB) AS text FROM
      (SELECT finished, ${ENTRY} AS entry FROM jobs WHERE ${where} ORDER BY finished LIMIT ?)`;
    const row = this.database.get(sql, ...values, most);
    const text = row?.['text'];
    return { text: bytesOf(text), last: row === null ? null : maybeNumber(row, 'last') };
  }

  #readLines(): readonly Parameters<FinishedLines['add']>[0][] {
    const sql = `SELECT finished, ${texts('run_id prompt_id summary')} FROM jobs
      WHERE finished IS NOT NULL ORDER BY finished`;
    return this.database.all(sql).map((row) => ({
      runId: textOf(row, 'run_id'),
      promptId: textOf(row, 'prompt_id'),
      place: numberIn(row, 'finished'),
      summary: textOf(row, 'summary'),
    }));
  }
}

function finishedOf(row: Row): FinishedJob {
  return {
    ...recordOf(row),
    endedAt: maybeNumber(row, 'ended_at') ?? 0,
    ending: textOf(row, 'ending'),
    summary: textOf(row, 'summary'),
  };
}

function bytesOf(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? Buffer.from(value) : Buffer.alloc(0);
}
