import { useState } from 'react';
import type { RunId, RunSummary } from '../../shared/runs.ts';
import { Banner } from '../components/banner.tsx';
import { Spinner } from '../components/spinner.tsx';
import { Tabs } from '../components/tabs.tsx';
import type { RunDetailSync } from '../store/run-detail-sync.ts';
import { useRuns } from '../store/services.ts';
import { FilesTable } from './files-table.tsx';
import { RunHeader } from './run-header.tsx';
import { RunOverview } from './run-overview.tsx';
import { ShardsTable } from './shards-table.tsx';

export interface RunDetailPaneProps {
  readonly runId: RunId;
  /** Back to the list; null while it stands beside. */
  readonly onBack: (() => void) | null;
}

/** Everything about one run. */
export function RunDetailPane({ runId, onBack }: RunDetailPaneProps) {
  const listed = useRuns((state) => state.runs?.find((run) => run.id === runId));
  const followed = useRuns((state) => state.detail);
  const problem = useRuns((state) => state.detailProblem);
  const detail = followed?.runId === runId ? followed : null;
  const run = listed ?? detail?.run ?? null;
  return (
    <section className="run-detail" aria-label={run === null ? 'Run' : `Run ${run.name}`}>
      {run !== null && <RunHeader run={run} onBack={onBack} />}
      {problem !== null && <Banner tone="error" title={problem.message} text={problem.hint ?? undefined} />}
      {run !== null && detail?.loaded === true ? (
        <DetailTabs run={run} detail={detail} />
      ) : (
        problem === null && (
          <p className="runs-waiting" role="status">
            <Spinner /> Reading the run…
          </p>
        )
      )}
    </section>
  );
}

function DetailTabs({ run, detail }: { readonly run: RunSummary; readonly detail: RunDetailSync }) {
  const [tab, setTab] = useState('overview');
  const { shards, artifacts } = detail;
  return (
    <Tabs
      label="About this run"
      value={tab}
      onChange={setTab}
      tabs={[
        { id: 'overview', label: 'Overview', content: <RunOverview run={run} detail={detail} /> },
        {
          id: 'shards',
          label: `Shards (${run.shardCount.toLocaleString('en')})`,
          content: <ShardsTable run={run} shards={shards} />,
        },
        {
          id: 'files',
          label: `Files (${artifacts.length.toLocaleString('en')})`,
          content: <FilesTable artifacts={artifacts} />,
        },
      ]}
    />
  );
}
