import { CircleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Spinner } from '../components/spinner.tsx';
import { useRun } from '../store/services.ts';
import { useCovered } from './use-covered.ts';
import { useEditor } from './use-editor.ts';

export interface EditorPaneProps {
  readonly url: string;
  /** The master, which serves the page, answers. */
  readonly isServed: boolean;
}

/** Where the desktop window lays the ComfyUI page; what is written here shows while the page is out of sight. */
export function EditorPane({ url, isServed }: EditorPaneProps) {
  const run = useRun();
  const pane = useRef<HTMLDivElement>(null);
  const covered = useCovered();
  const state = useEditor(pane, url, covered);
  const wasServed = useRef(isServed);
  useEffect(() => {
    // What failed for want of the master comes by itself when the master is back.
    if (isServed && !wasServed.current && state.status === 'failed') void run('editor.reload', {});
    wasServed.current = isServed;
  }, [isServed, state.status, run]);
  return (
    <div className="editor-pane" ref={pane}>
      {state.status === 'failed' && (
        <EmptyState
          icon={CircleAlert}
          title={state.reason}
          text="The fleet and its runs go on without it. What was not saved comes back where the page kept a draft."
          action={<Button onClick={() => void run('editor.reload', {})}>Reload</Button>}
        />
      )}
      {(state.status === 'loading' || state.status === 'closed') && (
        <p className="editor-waiting" role="status">
          <Spinner /> Loading the ComfyUI page…
        </p>
      )}
      {state.status === 'open' && (
        <p className="editor-waiting">{covered ? 'The ComfyUI page waits behind this.' : ''}</p>
      )}
    </div>
  );
}
