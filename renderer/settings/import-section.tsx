import { FileUp } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { ImportPreview, ImportSource } from '../../shared/contract.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { TextField } from '../components/text-field.tsx';
import { useServices } from '../store/services.ts';
import { ImportPreviewList } from './import-preview.tsx';
import { Problem } from './problem.tsx';
import { Section } from './section.tsx';
import { useAttempt } from './use-attempt.ts';

interface Previewed {
  readonly source: ImportSource;
  readonly preview: ImportPreview;
}

export function ImportSection() {
  const { previewed, busy, refusal, preview, apply } = useImport();
  const [confirming, setConfirming] = useState(false);
  return (
    <Section
      id="import"
      title="Import from ComfyUI-Distributed"
      text="Takes over workers, names, ports, devices and modes from its gpu_config.json. You see every change before it is made."
    >
      <SourceForm busy={busy} onSource={(source) => void preview(source)} />
      <Problem refusal={refusal} />
      {previewed !== null && (
        <ImportPreviewList preview={previewed.preview} busy={busy} onApply={() => setConfirming(true)} />
      )}
      {confirming && previewed !== null && (
        <ConfirmDialog
          title="Import these settings?"
          consequence={`${previewed.preview.changes.length} changes are made to the fleet’s settings. Running servers take them over at their next start.`}
          confirmLabel="Import"
          onConfirm={() => void apply(previewed)}
          onClose={() => setConfirming(false)}
        />
      )}
    </Section>
  );
}

function useImport() {
  const { client, toasts } = useServices();
  const { busy, refusal, attempt } = useAttempt();
  const [previewed, setPreviewed] = useState<Previewed | null>(null);
  const preview = (source: ImportSource): Promise<void> =>
    attempt(async () => {
      setPreviewed(null);
      setPreviewed({ source, preview: await client.invoke('import.preview', { source }) });
    });
  const apply = ({ source }: Previewed): Promise<void> =>
    attempt(async () => {
      const { changes } = await client.invoke('import.apply', { source });
      setPreviewed(null);
      const title = changes.length === 1 ? 'One change imported' : `${changes.length} changes imported`;
      toasts.getState().show({ level: 'success', title, detail: null });
    });
  return { previewed, busy, refusal, preview, apply };
}

interface SourceFormProps {
  readonly busy: boolean;
  readonly onSource: (source: ImportSource) => void;
}

function SourceForm({ busy, onSource }: SourceFormProps) {
  const [path, setPath] = useState('');
  return (
    <form
      className="comfyui-folder"
      onSubmit={(event) => {
        event.preventDefault();
        onSource({ path: path.trim() });
      }}
    >
      <TextField
        label="Path of gpu_config.json on the computer of the fleet"
        code
        placeholder="…/custom_nodes/ComfyUI-Distributed/gpu_config.json"
        value={path}
        onChange={setPath}
      />
      <Button type="submit" busy={busy} disabled={path.trim() === ''}>
        Preview
      </Button>
      <FileChoice disabled={busy} onText={(text) => onSource({ text })} />
    </form>
  );
}

/** A file of the computer that the browser runs on. */
function FileChoice({
  disabled,
  onText,
}: {
  readonly disabled: boolean;
  readonly onText: (text: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  return (
    <>
      <input
        ref={input}
        id={id}
        type="file"
        accept=".json,application/json"
        aria-label="gpu_config.json from this computer"
        className="visually-hidden"
        tabIndex={-1}
        onChange={async (event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) onText(await file.text());
          event.target.value = '';
        }}
      />
      <Button icon={FileUp} disabled={disabled} onClick={() => input.current?.click()}>
        Choose file
      </Button>
    </>
  );
}
