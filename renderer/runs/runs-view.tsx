import { ListVideo, Play } from 'lucide-react';
import { useEffect } from 'react';
import type { RunSummary } from '../../shared/runs.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Spinner } from '../components/spinner.tsx';
import { useMedia } from '../components/use-media.ts';
import { useRuns, useServices, useUi } from '../store/services.ts';
import { QueueHeader } from './queue-header.tsx';
import { RunDetailPane } from './run-detail.tsx';
import { RunList } from './run-list.tsx';
import './run-parts.css';
import './runs.css';

/** From here on list and detail do not fit side by side. */
const NARROW = '(max-width: 760px)';

/** All runs at the left, the opened one at the right; in a narrow window one of the two. */
export function RunsView() {
  const runs = useRuns((state) => state.runs);
  const problem = useRuns((state) => state.problem);
  return (
    <div className="runs">
      <h1 className="visually-hidden">Runs</h1>
      <QueueHeader />
      {problem !== null && (
        <Banner tone="error" title={problem.message} text={problem.hint ?? 'What you see may be old.'} />
      )}
      {runs === null ? (
        problem === null && <Waiting />
      ) : runs.length === 0 ? (
        <NoRuns />
      ) : (
        <RunPanes runs={runs} />
      )}
    </div>
  );
}

function RunPanes({ runs }: { readonly runs: readonly RunSummary[] }) {
  const { ui, runs: store } = useServices();
  const narrow = useMedia(NARROW);
  const wanted = useUi((state) => state.openedRun);
  const opened = wanted ?? (narrow ? null : (runs[0]?.id ?? null));
  useEffect(() => store.getState().follow(opened), [store, opened]);
  useEffect(() => () => store.getState().follow(null), [store]);
  const detail = opened !== null && (
    <RunDetailPane key={opened} runId={opened} onBack={narrow ? ui.getState().closeRun : null} />
  );
  if (narrow) return detail === false ? <RunList runs={runs} opened={null} follows={false} /> : detail;
  return (
    <div className="runs-panes">
      <RunList runs={runs} opened={opened} follows />
      {detail}
    </div>
  );
}

function NoRuns() {
  const { ui } = useServices();
  return (
    <EmptyState
      icon={ListVideo}
      title="No runs yet"
      text="Drop a workflow file anywhere in this window: every GPU of the fleet takes its share, and the pictures come home."
      action={
        <Button
          variant="primary"
          icon={Play}
          onClick={() => ui.getState().openDialog({ kind: 'run', source: null })}
        >
          Run workflow…
        </Button>
      }
    />
  );
}

function Waiting() {
  return (
    <p className="runs-waiting" role="status">
      <Spinner /> Reading the runs…
    </p>
  );
}
