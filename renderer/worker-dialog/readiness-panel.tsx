import { useEffect, useRef } from 'react';
import { ladderWords } from '../../shared/readiness-words.ts';
import { failedRung, NOTHING_MEASURED, type Readiness } from '../../shared/remote.ts';
import { Banner } from '../components/banner.tsx';
import { StateDot } from '../components/state-dot.tsx';
import { Ladder } from '../readiness/ladder.tsx';
import { MeasuredList } from '../readiness/measured-list.tsx';
import type { RemoteWorkerHandle } from './use-remote-worker.ts';

/** The ladder as it is climbed. */
export function ReadinessPanel({ worker }: { readonly worker: RemoteWorkerHandle }) {
  const { climb } = worker;
  const panel = useRef<HTMLElement>(null);
  const readiness = worker.readiness ?? (climb.running ? BEGUN : UNTRIED);
  const failed = climb.tested === null ? null : failedRung(readiness);
  useEffect(() => {
    if (climb.running) panel.current?.scrollIntoView({ block: 'nearest' });
  }, [climb.running]);
  useEffect(() => {
    if (failed !== null) panel.current?.querySelector('.rung-failed')?.scrollIntoView({ block: 'nearest' });
  }, [failed]);
  const known = worker.readiness !== null || climb.running;
  const words = ladderWords(readiness);
  return (
    <section ref={panel} className="worker-readiness" aria-labelledby="worker-readiness-title">
      <header>
        <h3 id="worker-readiness-title">Readiness</h3>
        <span role="status">
          {known ? <StateDot {...words} pulse={climb.running} /> : <span>{statusOf(worker)}</span>}
        </span>
      </header>
      {climb.refusal !== null && (
        <Banner tone="error" title={climb.refusal.message} text={climb.refusal.hint ?? undefined} />
      )}
      <Ladder readiness={readiness} onTrust={worker.trust} />
      <MeasuredList measured={readiness.measured} />
    </section>
  );
}

function statusOf({ climb }: RemoteWorkerHandle): string {
  return climb.tested === null ? 'Not tested yet' : 'Changed since the test';
}

const waiting = { status: 'waiting' } as const;
const UNTRIED: Readiness = {
  at: 0,
  done: true,
  rungs: { reachable: waiting, comfyui: waiting, nodes: waiting, models: waiting, files: waiting },
  measured: NOTHING_MEASURED,
};
/** Until the control center tells of the first rung. */
const BEGUN: Readiness = {
  ...UNTRIED,
  done: false,
  rungs: { ...UNTRIED.rungs, reachable: { status: 'checking' } },
};
