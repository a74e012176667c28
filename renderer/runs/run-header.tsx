import { ArrowLeft, Ellipsis, Hourglass } from 'lucide-react';
import type { RunSummary } from '../../shared/runs.ts';
import { isFinished } from '../../shared/runs.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { Chip } from '../components/chip.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { Menu, type MenuEntry } from '../components/menu.tsx';
import { StateDot } from '../components/state-dot.tsx';
import { useRuns, useServices } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';
import { performRunAction, RUN_ACTION_WORDS } from './run-actions.ts';
import { RunProgress } from './run-progress.tsx';
import {
  KIND_WORDS,
  MODE_WORDS,
  plural,
  progressWords,
  RUN_WORDS,
  type RunAction,
  runActions,
  seedWords,
  timeWords,
} from './run-words.ts';

/** Shown as buttons; the menu has all of them. */
const BUTTONS: readonly RunAction[] = ['cancel', 'retry', 'again', 'gallery'];
const NO_RUNS: readonly RunSummary[] = [];

export interface RunHeaderProps {
  readonly run: RunSummary;
  readonly onBack: (() => void) | null;
}

export function RunHeader({ run, onBack }: RunHeaderProps) {
  const { word, tone } = RUN_WORDS[run.status];
  const mode = MODE_WORDS[run.mode];
  return (
    <header className="run-header">
      <div className="run-header-line">
        {onBack !== null && <IconButton label="Back to the runs" icon={ArrowLeft} onClick={onBack} />}
        <h2 className="truncate" title={run.name}>
          {run.name}
        </h2>
        <StateDot tone={tone} word={word} pulse={run.status === 'running'} />
        <RunActions run={run} />
      </div>
      <RunFacts run={run} />
      <RunProgress run={run} />
      <p className="run-mode">
        <Chip tone={mode.tone}>{mode.word}</Chip> <span>{run.modeReason}</span>
      </p>
      <RunWaits run={run} />
      {run.error !== null && <Banner tone="error" title={run.error} />}
      {run.warnings.map((warning) => (
        <Banner key={warning} tone="warning" title="Note:" text={warning} />
      ))}
    </header>
  );
}

/** Why what waits still waits, in the words of whoever decides it. */
function RunWaits({ run }: { readonly run: RunSummary }) {
  if (run.waits === null) return null;
  return (
    <p className="run-waits">
      <Hourglass size={14} strokeWidth={1.8} aria-hidden="true" />
      <span>
        <strong>{plural(run.shards.queued, 'shard')} waiting:</strong> {run.waits}
      </span>
    </p>
  );
}

function RunFacts({ run }: { readonly run: RunSummary }) {
  const now = useNow(isFinished(run.status) ? null : 1000);
  const facts = [
    progressWords(run),
    timeWords(run, now),
    seedWords(run.seedFirst, run.seedLast),
    KIND_WORDS[run.kind],
    run.secondStage ? 'Second pass on the master' : null,
  ];
  return (
    <ul className="run-facts" aria-label="Facts">
      {facts
        .filter((fact) => fact !== null)
        .map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
    </ul>
  );
}

function RunActions({ run }: { readonly run: RunSummary }) {
  const services = useServices();
  const runs = useRuns((state) => state.runs ?? NO_RUNS);
  const actions = runActions(run, runs);
  const entries: readonly MenuEntry[] = actions.map((action) => {
    const { label, icon, key } = RUN_ACTION_WORDS[action];
    return {
      kind: 'action',
      id: action,
      label,
      icon,
      shortcut: key,
      danger: action === 'cancel' || action === 'remove',
      onSelect: () => void performRunAction(services, run, action),
    };
  });
  return (
    <div className="run-actions">
      {BUTTONS.filter((action) => actions.includes(action)).map((action) => (
        <Button
          key={action}
          size="s"
          icon={RUN_ACTION_WORDS[action].icon}
          onClick={() => void performRunAction(services, run, action)}
        >
          {RUN_ACTION_WORDS[action].label}
        </Button>
      ))}
      <Menu
        label={`Actions for ${run.name}`}
        entries={entries}
        trigger={<IconButton size="s" label={`Actions for ${run.name}`} icon={Ellipsis} />}
      />
    </div>
  );
}
