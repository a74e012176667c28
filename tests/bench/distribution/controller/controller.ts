import { quantile, type Report } from '../../support/report.ts';
import { inOwnProcess } from './roles.ts';

/** Medians are taken over so many rounds. */
const ROUNDS = 5;

/** The whole controller on sockets and disks, each figure in a process of its own with its workers in others. */
export async function measureController(report: Report): Promise<void> {
  await overhead(report);
  await messages(report);
  await fanOut(report);
  await recovery(report);
  await bulk(report);
}

async function overhead(report: Report): Promise<void> {
  const { submit, rawPost, result, rawResult, relayed, fileBytes } = await inOwnProcess('overhead', {
    rounds: ROUNDS,
    samples: 40,
  });
  const size = `${(fileBytes / 1e6).toFixed(1)} MB`;
  report.atMost('from submit to the POST at the worker, p50', median(submit.p50), 5, 'ms');
  report.tell('  the same, p95', median(submit.p95), 'ms');
  report.tell('  undici alone, p50', median(rawPost.p50), 'ms');
  report.atMost(`from the last byte of ${size} to its announcement, p50`, median(result.p50), 10, 'ms');
  report.tell('  the same, p95', median(result.p95), 'ms');
  report.tell('  download, write and fsync alone, p50', median(rawResult.p50), 'ms');
  report.atMost('bytes over all sockets of the workers ÷ bytes of files', relayed, 1.01, '×');
}

async function messages(report: Report): Promise<void> {
  const size = { workers: 500, perSecond: 10, seconds: 5, rounds: ROUNDS };
  const bare = await inOwnProcess('bareMessages', size);
  const ours = await inOwnProcess('messages', size);
  report.atLeast('500 workers, a run under way: messages', median(ours.rate), 4_900, '/s');
  report.atMost('  processor time of the controller', 100 * median(ours.core), 20, '% of a core');
  report.tell('  the same messages into a JSON parser alone', 100 * median(bare.core), '% of a core');
  report.tell('  memory of the controller', ours.rssMiB, 'MiB');
}

async function fanOut(report: Report): Promise<void> {
  const size = { workers: 8, shards: 32, shardMs: 200, rounds: ROUNDS };
  const { ratio, overshot } = await inOwnProcess('fanOut', size);
  report.tell('32 shards of 200 ms on 8 workers, submission to last file ÷ optimum', median(ratio), '×');
  report.tell('  the same ÷ what the workers took themselves', median(overshot), '×');
}

async function recovery(report: Report): Promise<void> {
  const { frozen, killed } = await inOwnProcess('recovery', { rounds: ROUNDS, workers: 4, shardMs: 500 });
  report.atMost('from SIGSTOP of a worker to its shard elsewhere', median(frozen), 6, 's');
  report.tell('  the longest', Math.max(...frozen), 's');
  report.atMost('from SIGKILL of a worker to its shard elsewhere', median(killed), 6, 's');
  report.tell('  the longest', Math.max(...killed), 's');
}

async function bulk(report: Report): Promise<void> {
  const figures = await inOwnProcess('bulk', { shards: 5_000, workers: 50 });
  report.tell('5,000 shards on 50 workers that take no time', figures.shardsPerSecond, 'shards/s');
  report.atMost('  lost', figures.lost, 0, '');
  report.atMost('  duplicated', figures.duplicated, 0, '');
  report.tell('  processor time of the controller', figures.cpuMs, 'ms/shard');
  report.atMost('  time of the ninth tenth ÷ that of the second', figures.slowdown, 1.5, '×');
  report.tell('  heap while it runs', figures.heapBytesPerShard / 1024, 'KiB/shard');
  report.atMost('  heap that stays', figures.leftMiB, 16, 'MiB');
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
