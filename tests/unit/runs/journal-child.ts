import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import { attempt, placing, runRecord, shardRecord } from './journal-records.ts';

/** `child.cjs FILE FIRST`: writes runs for ever, and says on stdout what was committed. */
const [, , file = '', first = '0'] = process.argv;
const journal = openJournal(file, { clock: systemClock, logger: silentLogger });
if (journal.problems.length > 0) throw new Error(journal.problems.join(' '));

/** Straight to the pipe: what is said must not wait in a buffer while the process is killed. */
function say(what: string): void {
  const handle = process.stdout as typeof process.stdout & {
    readonly _handle?: { setBlocking?: (on: boolean) => void };
  };
  handle._handle?.setBlocking?.(true);
  process.stdout.write(`${what}\n`);
}

say('open');
for (let n = Number(first); ; n += 1) {
  const id = `r${n}`;
  journal.addRun(runRecord(id, { createdAt: n }), [shardRecord(id, 0), shardRecord(id, 1)]);
  say(`run ${id}`);
  journal.together(() => {
    journal.addAttempt(attempt(`${id}-a`, id, 0));
    journal.updateShard({ runId: id, stage: 1, index: 0 }, { status: 'dispatched' });
  });
  say(`attempt ${id}`);
  journal.beginPlacing(placing(`${id}-p`, { runId: id, at: n }));
  say(`placing ${id}`);
  journal.endPlacing(`${id}-p`);
  say(`kept ${id}`);
  journal.together(() => {
    journal.updateAttempt(`${id}-a`, { outcome: 'done', endedAt: 5 });
    journal.updateShard({ runId: id, stage: 1, index: 0 }, { status: 'done' });
    journal.updateRun(id, { status: 'done', endedAt: 5 });
  });
  say(`done ${id}`);
}
