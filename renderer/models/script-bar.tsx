import { Save } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { InstanceId } from '../../shared/model.ts';
import type { ModelReport, ModelScript, ScriptShell } from '../../shared/models.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { saveText } from '../components/save-file.ts';
import { Segmented } from '../components/segmented.tsx';
import { Select } from '../components/select-field.tsx';
import { plural } from '../runs/run-words.ts';
import { useClient } from '../store/services.ts';
import { type Answer, useAnswer } from './use-answer.ts';

const ANYWHERE = '';
const SHELLS = [
  { value: 'bash', label: 'Bash' },
  { value: 'powershell', label: 'PowerShell' },
] as const;

export interface ScriptBarProps {
  readonly workflow: string;
  readonly report: ModelReport;
}

/** The script for one instance or for all that is missing: copied or saved. */
export function ScriptBar({ workflow, report }: ScriptBarProps) {
  const client = useClient();
  const [shell, setShell] = useState<ScriptShell>('bash');
  const [instance, setInstance] = useState<InstanceId>(ANYWHERE);
  const known = report.instances.some(({ id }) => id === instance) ? instance : null;
  const answer = useAnswer(
    // biome-ignore lint/correctness/useExhaustiveDependencies: another report has other things missing.
    useCallback(
      (signal: AbortSignal) => client.invoke('models.script', { workflow, shell, instance: known }, signal),
      [client, workflow, shell, known, report],
    ),
  );
  const script = answer.pending ? null : answer.value;
  const isEmpty = script === null || script.downloads === 0;
  return (
    <section className="models-script" aria-label="Download script">
      <Select
        aria-label="For which instance"
        value={known ?? ANYWHERE}
        options={[
          { value: ANYWHERE, label: 'All that is missing' },
          ...report.instances.map(({ id, name }) => ({ value: id, label: `For ${name}` })),
        ]}
        onChange={setInstance}
      />
      <Segmented label="Shell" value={shell} options={SHELLS} onChange={setShell} />
      <CopyButton label="Copy script" disabled={isEmpty} text={() => script?.text ?? ''} />
      <Button
        size="s"
        icon={Save}
        disabled={isEmpty}
        onClick={() => script !== null && saveText(script.text, script.fileName, 'text/plain')}
      >
        Save script…
      </Button>
      <Contents answer={answer} />
    </section>
  );
}

function Contents({ answer: { value, refusal, pending } }: { readonly answer: Answer<ModelScript> }) {
  if (pending) return <p className="models-script-words">Writing it…</p>;
  if (value === null) return <p className="models-script-words tone-error">{refusal?.message}</p>;
  const { downloads, leftOut } = value;
  const words = downloads === 0 ? 'Nothing to download.' : `Downloads ${plural(downloads, 'model')}.`;
  if (leftOut.length === 0) return <p className="models-script-words">{words}</p>;
  return (
    <details className="models-script-words">
      <summary>
        {words} Leaves out {leftOut.length}
      </summary>
      <ul>
        {leftOut.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}
