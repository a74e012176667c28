import { ClipboardPaste, FileJson, FileUp } from 'lucide-react';
import { type ClipboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Spinner } from '../components/spinner.tsx';
import { TextField } from '../components/text-field.tsx';
import { plural } from '../runs/run-words.ts';
import { formatBytes } from '../store/format.ts';
import type { WorkflowHandle } from './use-workflow.ts';

export interface WorkflowSourceProps {
  readonly workflow: WorkflowHandle;
  readonly name: string;
  readonly onName: (name: string) => void;
}

/** Where the workflow comes from: dropped, picked or pasted; once read, what it is. */
export function WorkflowSource({ workflow, name, onName }: WorkflowSourceProps) {
  usePaste((text) => workflow.readText('Pasted workflow', text));
  return (
    <div className="workflow-source">
      {workflow.workflow === null ? (
        <Choose workflow={workflow} />
      ) : (
        <Chosen {...{ workflow, name, onName }} />
      )}
      <p className="workflow-problem" role="alert">
        {workflow.problem}
      </p>
    </div>
  );
}

function Choose({ workflow }: { readonly workflow: WorkflowHandle }) {
  const [pasting, setPasting] = useState(false);
  if (workflow.reading) {
    return (
      <p className="workflow-drop" role="status">
        <Spinner /> Reading the workflow…
      </p>
    );
  }
  return (
    <>
      <div className="workflow-drop">
        <FileJson size={28} strokeWidth={1.3} aria-hidden="true" />
        <p className="workflow-drop-title">Drop a workflow here</p>
        <p>
          A JSON file from ComfyUI, saved or exported for the API, or a picture that it made. You see what
          will happen before it does.
        </p>
        <div className="workflow-drop-actions">
          <PickFile label="Choose file…" primary onFile={workflow.readFile} />
          <Button icon={ClipboardPaste} aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
            Paste text
          </Button>
        </div>
      </div>
      {pasting && <PasteField onText={(text) => workflow.readText('Pasted workflow', text)} />}
    </>
  );
}

function Chosen({ workflow, name, onName }: WorkflowSourceProps) {
  const field = useRef<HTMLInputElement>(null);
  // The button that chose it had the focus, and is gone.
  useEffect(() => {
    if (document.activeElement === document.body) field.current?.focus();
  }, []);
  const size = formatBytes(workflow.workflow?.text.length ?? 0);
  const format = workflow.format === 'api' ? 'API format' : 'As saved by the ComfyUI page';
  return (
    <div className="workflow-chosen">
      <TextField ref={field} label="Name of the run" value={name} maxLength={200} onChange={onName} />
      <p className="workflow-facts">
        {plural(workflow.nodes, 'node')} · {size} · {format}
      </p>
      <PickFile label="Choose another…" onFile={workflow.readFile} />
    </div>
  );
}

interface PickFileProps {
  readonly label: string;
  readonly primary?: boolean;
  readonly onFile: (file: File) => void;
}

function PickFile({ label, primary = false, onFile }: PickFileProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  return (
    <>
      <input
        ref={input}
        id={id}
        type="file"
        accept=".json,application/json,.png,image/png,.webp,image/webp"
        aria-label="Workflow file from this computer"
        className="visually-hidden"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) onFile(file);
          event.target.value = '';
        }}
      />
      <Button
        icon={FileUp}
        variant={primary ? 'primary' : 'secondary'}
        {...(primary ? { 'data-autofocus': '' } : {})}
        onClick={() => input.current?.click()}
      >
        {label}
      </Button>
    </>
  );
}

function PasteField({ onText }: { readonly onText: (text: string) => void }) {
  const [text, setText] = useState('');
  return (
    <div className="workflow-paste">
      <Field
        label="Workflow as JSON text"
        control={(tied) => (
          <textarea
            {...tied}
            className="input mono"
            rows={5}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onPaste={(event: ClipboardEvent<HTMLTextAreaElement>) => {
              // Into an empty field: it is the whole workflow.
              const pasted = event.clipboardData.getData('text/plain');
              if (text !== '' || pasted.trim() === '') return;
              event.preventDefault();
              setText(pasted);
              onText(pasted);
            }}
          />
        )}
      />
      <Button disabled={text.trim() === ''} onClick={() => onText(text)}>
        Read it
      </Button>
    </div>
  );
}

/** Ctrl+V anywhere in the dialog, unless a field takes it. */
function usePaste(onText: (text: string) => void): void {
  useEffect(() => {
    const onPaste = (event: globalThis.ClipboardEvent): void => {
      const inField = event.target instanceof HTMLElement && event.target.closest('input, textarea') !== null;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (!inField && text.trim() !== '') onText(text);
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  });
}
