import { FakeWorker } from './fake-worker.ts';
import { PictureMaker } from './pictures.ts';
import type { FromWorkers, Stamps, ToWorkers, Traffic, WorkersSetting } from './protocol.ts';

/** The role of a process that is many workers. It ends with the controller that began it. */
export async function serveFakeWorkers(setting: WorkersSetting): Promise<void> {
  process.once('disconnect', () => process.exit());
  const pictures = await PictureMaker.prepare(setting.side);
  const posted = new Map<string, number>();
  const sent = new Map<string, number>();
  const computed: number[] = [];
  const workers = Array.from({ length: setting.count }, (_, worker) => {
    return new FakeWorker(setting, pictures, {
      posted: (id, seed, at) => {
        if (setting.tellPosts) tell({ kind: 'posted', worker, seed, at });
        else posted.set(id, at);
      },
      sent: (id, at) => sent.set(id, at),
      computed: (ms) => computed.push(ms),
    });
  });
  const ports = await Promise.all(workers.map((worker) => worker.listen()));
  process.on('message', ({ ask }: ToWorkers) => {
    if (ask === 'traffic') {
      tell({ kind: 'traffic', traffic: sum(workers.map(({ traffic }) => traffic)) });
      return;
    }
    const stamps: Stamps = {
      posted: Object.fromEntries(posted),
      sent: Object.fromEntries(sent),
      computed: computed.splice(0),
    };
    posted.clear();
    sent.clear();
    tell({ kind: 'stamps', stamps });
  });
  tell({ kind: 'ready', ports });
}

function tell(message: FromWorkers): void {
  process.send?.(message);
}

function sum(all: readonly Traffic[]): Traffic {
  return {
    bytes: all.reduce((total, { bytes }) => total + bytes, 0),
    messages: all.reduce((total, { messages }) => total + messages, 0),
  };
}
