import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { InstanceId, InstanceSnapshot } from '../../shared/model.ts';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { copyText } from '../components/copy-text.ts';
import { useServices } from '../store/services.ts';
import { LogBody } from './log-body.tsx';
import { LogHeader } from './log-header.tsx';
import { findMatches, firstError, indexOfKey, rowsAsText, stepMatch, visibleRows } from './log-rows.ts';
import { LogSearch } from './log-search.tsx';
import { LogTools } from './log-tools.tsx';
import type { LogViewerHandle } from './log-viewer.tsx';
import { useLog } from './use-log.ts';
import { useLogKeys } from './use-log-keys.ts';
import { FRESH_VIEWER, reduceViewer } from './viewer-state.ts';

export interface LogPanelProps {
  readonly instance: InstanceSnapshot;
  readonly instances: readonly InstanceSnapshot[];
  readonly onChoose: (id: InstanceId) => void;
}

export function LogPanel({ instance, instances, onChoose }: LogPanelProps) {
  const { client } = useServices();
  const [confirming, setConfirming] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const reader = useLogReader(instance.id);
  const { state, dispatch, log, rows, matches, error, setFollow, jump, step } = reader;
  const copy = useCopyRows();
  useLogKeys({
    search: () => search.current?.focus(),
    step,
    toggleFollow: () => setFollow(!state.follow),
    togglePause: () => dispatch({ type: 'toggle-pause' }),
    jumpToEnd: () => setFollow(true),
  });
  return (
    <section className="logs" aria-label={`Log of ${instance.name}`}>
      <h1 className="visually-hidden">Logs</h1>
      <div className="log-bar">
        <LogHeader
          instance={instance}
          instances={instances}
          level={state.level}
          onChoose={onChoose}
          onLevel={(level) => dispatch({ type: 'level', level })}
        />
        <LogSearch
          ref={search}
          query={state.query}
          matches={matches}
          match={state.match}
          onQuery={(query) => dispatch({ type: 'query', query })}
          onStep={step}
        />
        <LogTools
          state={state}
          dispatch={dispatch}
          downloadUrl={client.fileUrl(`/files/logs/${instance.id}.txt`)}
          empty={rows.length === 0}
          hasError={error !== null}
          onFollow={setFollow}
          onFirstError={() => jump(error)}
          onCopy={() => void copy(() => rowsAsText(rows, state.timestamps), rows.length)}
          onClear={() => setConfirming(true)}
        />
      </div>
      <LogBody
        viewer={reader.viewer}
        instance={instance}
        log={log}
        rows={rows}
        state={state}
        fresh={state.follow ? 0 : rows.length - indexOfKey(rows, state.seen + 0.25)}
        onFollow={setFollow}
        onShowAll={() => dispatch({ type: 'level', level: 'all' })}
        onResume={() => dispatch({ type: 'toggle-pause' })}
      />
      {confirming && (
        <ClearDialog instance={instance} onCleared={log.clear} onClose={() => setConfirming(false)} />
      )}
    </section>
  );
}

/** What is read, filtered and searched, and the moves through it. */
function useLogReader(id: InstanceId) {
  const [state, dispatch] = useReducer(reduceViewer, FRESH_VIEWER);
  const log = useLog(id, state.paused);
  const rows = useMemo(() => visibleRows(log.buffer, state.level), [log.buffer, state.level]);
  const matches = useMemo(() => findMatches(rows, state.query), [rows, state.query]);
  const error = useMemo(() => firstError(rows), [rows]);
  const viewer = useRef<LogViewerHandle>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another instance, another place.
  useEffect(() => dispatch({ type: 'switch' }), [id]);

  const newest = rows.at(-1)?.key ?? 0;
  const setFollow = (follow: boolean): void => dispatch({ type: 'follow', follow, newest });
  const jump = (key: number | null): void => {
    if (key === null) return;
    dispatch({ type: 'match', key, newest });
    viewer.current?.scrollToKey(key);
  };
  const step = (by: 1 | -1): void => {
    // Without a current match it goes on from what is seen, the top row included.
    const top = viewer.current?.topKey() ?? null;
    jump(stepMatch(matches, state.match ?? (top === null ? null : top - by * 0.25), by));
  };
  return { state, dispatch, log, rows, matches, error, viewer, setFollow, jump, step };
}

interface ClearDialogProps {
  readonly instance: InstanceSnapshot;
  readonly onCleared: () => void;
  readonly onClose: () => void;
}

function ClearDialog({ instance, onCleared, onClose }: ClearDialogProps) {
  const { client, toasts } = useServices();
  return (
    <ConfirmDialog
      danger
      title={`Clear the log of ${instance.name}?`}
      consequence="Its lines are deleted here and on disk. New lines go on being written."
      confirmLabel="Clear log"
      onConfirm={() => {
        client.invoke('logs.clear', { id: instance.id }).then(onCleared, toasts.getState().showError);
      }}
      onClose={onClose}
    />
  );
}

/** What is selected in the viewer, or else everything that is shown. */
function useCopyRows(): (shown: () => string, count: number) => Promise<void> {
  const { toasts } = useServices();
  return async (shown, count) => {
    const selection = document.getSelection();
    const scroller = document.querySelector('.log-scroller');
    const selected =
      selection?.anchorNode && scroller?.contains(selection.anchorNode) ? String(selection) : '';
    const copied = await copyText(selected === '' ? shown() : selected);
    const words = selected === '' ? `${count.toLocaleString('en')} lines copied` : 'Selection copied';
    if (copied) toasts.getState().show({ level: 'success', title: words, detail: null });
    else
      toasts.getState().show({
        level: 'error',
        title: 'The browser does not let this page write to the clipboard.',
        detail: 'Download the log instead.',
      });
  };
}
