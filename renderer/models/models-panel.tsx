import { Boxes } from 'lucide-react';
import { useCallback, useState } from 'react';
import { type ModelReport, summaryOf } from '../../shared/models.ts';
import { Button } from '../components/button.tsx';
import { classNames } from '../components/class-names.ts';
import { Spinner } from '../components/spinner.tsx';
import { useClient } from '../store/services.ts';
import { reportTone } from './model-words.ts';
import './models.css';
import { ModelsDialog } from './models-dialog.tsx';
import { type Answer, useAnswer } from './use-answer.ts';

export interface ModelsPanelProps {
  /** Text of the workflow. */
  readonly workflow: string;
  /** Changes whenever another instance can be asked. */
  readonly fleet: string;
}

/** One line in the run dialog: what is missing where, and the way to the rest. */
export function ModelsPanel({ workflow, fleet }: ModelsPanelProps) {
  const client = useClient();
  const [round, setRound] = useState(0);
  const [open, setOpen] = useState(false);
  const answer = useAnswer(
    // biome-ignore lint/correctness/useExhaustiveDependencies: another fleet or round asks the same question again.
    useCallback(
      (signal: AbortSignal) => client.invoke('models.check', { workflow }, signal),
      [client, workflow, round, fleet],
    ),
  );
  return (
    <section className="models-panel" aria-label="Models" aria-busy={answer.pending}>
      <Boxes size={16} strokeWidth={1.6} aria-hidden="true" />
      <h3>Models</h3>
      <Summary answer={answer} />
      <Button size="s" disabled={answer.value === null} onClick={() => setOpen(true)}>
        Show models…
      </Button>
      {open && answer.value !== null && (
        <ModelsDialog
          workflow={workflow}
          report={answer.value}
          checking={answer.pending}
          onCheck={() => setRound((before) => before + 1)}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}

function Summary({ answer: { value, refusal, pending } }: { readonly answer: Answer<ModelReport> }) {
  if (value !== null) {
    return (
      <p className={classNames('models-summary', `tone-${reportTone(value)}`)} role="status">
        <span className="state-dot" aria-hidden="true" />
        <span>{summaryOf(value)}</span>
        {pending && <Spinner />}
      </p>
    );
  }
  return (
    <p className={classNames('models-summary', refusal !== null && 'tone-error')} role="status">
      {refusal === null ? (
        <>
          <Spinner /> Asking every instance…
        </>
      ) : (
        refusal.message
      )}
    </p>
  );
}
