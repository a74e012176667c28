import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import type { ActiveRun } from '../../../electron/core/runs/active-run.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import type { Journal, OpenRun } from '../../../electron/core/runs/records.ts';

/** A real journal in a folder of its own, and what another life would read out of it. */
export class JournalBench {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'runs-journal-'));
  journal: Journal = this.#open();

  /** As a kill and a start: everything in memory is gone. */
  restart(): Journal {
    this.journal.close();
    this.journal = this.#open();
    return this.journal;
  }

  add(run: ActiveRun): ActiveRun {
    const shards = run.allShards.map((shard) => shard.record());
    this.journal.addRun(run.record, shards);
    return run;
  }

  openRun(): OpenRun {
    const [open] = this.journal.openRuns();
    if (open === undefined) throw new Error('no run is open');
    return open;
  }

  close(): void {
    this.journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #open(): Journal {
    return openJournal(path.join(this.folder, 'runs.db'), { clock: systemClock, logger: silentLogger });
  }
}
