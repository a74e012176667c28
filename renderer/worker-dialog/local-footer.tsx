import { Button } from '../components/button.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import type { LocalWorkerHandle } from './use-local-worker.ts';

export interface LocalFooterProps {
  readonly formId: string;
  readonly worker: LocalWorkerHandle;
  readonly adds: boolean;
  readonly onClose: () => void;
}

export function LocalFooter({ formId, worker, adds, onClose }: LocalFooterProps) {
  return (
    <>
      {worker.running && <RestartChoice restart={worker.restart} onChange={worker.setRestart} />}
      <Button onClick={onClose}>Cancel</Button>
      <Button type="submit" form={formId} variant="primary" busy={worker.busy} disabled={!worker.sound}>
        {adds ? 'Add worker' : 'Save'}
      </Button>
    </>
  );
}

interface RestartChoiceProps {
  readonly restart: boolean;
  readonly onChange: (restart: boolean) => void;
}

function RestartChoice({ restart, onChange }: RestartChoiceProps) {
  return (
    <span className="worker-restart">
      <Checkbox label="Restart now" checked={restart} onChange={onChange} />
      <span>{restart ? 'What it is working on is lost.' : 'Takes effect at the next start.'}</span>
    </span>
  );
}
