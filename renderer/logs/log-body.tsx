import { ArrowDown } from 'lucide-react';
import type { Ref } from 'react';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Spinner } from '../components/spinner.tsx';
import type { LogRow } from './log-rows.ts';
import { LogViewer, type LogViewerHandle } from './log-viewer.tsx';
import type { LogHandle } from './use-log.ts';
import type { ViewerState } from './viewer-state.ts';

export interface LogBodyProps {
  readonly viewer: Ref<LogViewerHandle>;
  readonly instance: InstanceSnapshot;
  readonly log: LogHandle;
  readonly rows: readonly LogRow[];
  readonly state: ViewerState;
  /** Rows that came since following ended. */
  readonly fresh: number;
  readonly onFollow: (follow: boolean) => void;
  readonly onShowAll: () => void;
  readonly onResume: () => void;
}

export function LogBody(props: LogBodyProps) {
  const { log, rows, state, fresh, onFollow } = props;
  return (
    <div className="log-body">
      {log.problem !== null && (
        <Banner tone="error" title={log.problem.message} text={log.problem.hint ?? 'Trying again…'} />
      )}
      {state.paused && (
        <Banner
          tone="warning"
          title="Paused."
          text="The server goes on writing; nothing new is shown until you go on."
          action={
            <Button size="s" onClick={props.onResume}>
              Go on
            </Button>
          }
        />
      )}
      {rows.length === 0 ? (
        <NothingToShow {...props} />
      ) : (
        <LogViewer
          ref={props.viewer}
          label={`Log of ${props.instance.name}`}
          rows={rows}
          query={state.query}
          match={state.match}
          follow={state.follow}
          timestamps={state.timestamps}
          wrap={state.wrap}
          onFollow={onFollow}
        />
      )}
      {!state.follow && rows.length > 0 && (
        <Button className="log-newest" variant="primary" icon={ArrowDown} onClick={() => onFollow(true)}>
          {fresh > 0 ? `Jump to newest (${fresh.toLocaleString('en')})` : 'Jump to newest'}
        </Button>
      )}
      {log.buffer.file !== null && (
        <p className="log-file truncate" title={log.buffer.file}>
          {log.buffer.file}
        </p>
      )}
    </div>
  );
}

function NothingToShow({ log, instance, onShowAll }: LogBodyProps) {
  if (!log.buffer.loaded) {
    return (
      <p className="log-loading" role="status">
        <Spinner /> Reading the log…
      </p>
    );
  }
  if (log.buffer.lines.length > 0) {
    return (
      <EmptyState
        title="No line of this level"
        text={`The log has ${log.buffer.lines.length.toLocaleString('en')} lines below it.`}
        action={<Button onClick={onShowAll}>Show all levels</Button>}
      />
    );
  }
  return (
    <EmptyState
      title="Nothing logged yet"
      text={
        instance.control === 'attached'
          ? 'This ComfyUI was started elsewhere, so its output goes there. Servers that are started here are logged here.'
          : 'What the server prints appears here as soon as it is launched.'
      }
    />
  );
}
