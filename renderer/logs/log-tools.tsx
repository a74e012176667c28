import {
  ArrowDownToLine,
  Clock,
  Copy,
  Download,
  OctagonAlert,
  Pause,
  Play,
  Trash2,
  WrapText,
} from 'lucide-react';
import { IconButton } from '../components/icon-button.tsx';
import { Tooltip } from '../components/tooltip.tsx';
import type { ViewerAction, ViewerState } from './viewer-state.ts';

export interface LogToolsProps {
  readonly state: ViewerState;
  readonly dispatch: (action: ViewerAction) => void;
  readonly downloadUrl: string;
  readonly empty: boolean;
  readonly hasError: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly onFirstError: () => void;
  readonly onCopy: () => void;
  readonly onClear: () => void;
}

export function LogTools(props: LogToolsProps) {
  const { state, dispatch, empty } = props;
  return (
    <div className="log-tools" role="toolbar" aria-label="Log">
      <IconButton
        label={props.hasError ? 'Jump to the first error' : 'No error in these lines'}
        icon={OctagonAlert}
        disabled={!props.hasError}
        onClick={props.onFirstError}
      />
      <span className="log-divider" />
      <IconButton
        label="Follow"
        shortcut="F"
        icon={ArrowDownToLine}
        aria-pressed={state.follow}
        onClick={() => props.onFollow(!state.follow)}
      />
      <IconButton
        label={state.paused ? 'Go on' : 'Pause'}
        shortcut="P"
        icon={state.paused ? Play : Pause}
        onClick={() => dispatch({ type: 'toggle-pause' })}
      />
      <IconButton
        label="Times"
        icon={Clock}
        aria-pressed={state.timestamps}
        onClick={() => dispatch({ type: 'toggle-timestamps' })}
      />
      <IconButton
        label="Wrap long lines"
        icon={WrapText}
        aria-pressed={state.wrap}
        onClick={() => dispatch({ type: 'toggle-wrap' })}
      />
      <span className="log-divider" />
      <IconButton
        label="Copy selection, or all shown lines"
        icon={Copy}
        disabled={empty}
        onClick={props.onCopy}
      />
      <Tooltip text="Download the whole log">
        <a
          className="icon-button icon-button-m"
          href={props.downloadUrl}
          download
          aria-label="Download the whole log"
        >
          <Download size={16} strokeWidth={1.8} aria-hidden="true" />
        </a>
      </Tooltip>
      <IconButton label="Clear" icon={Trash2} disabled={empty} onClick={props.onClear} />
    </div>
  );
}
