import { Activity, Square } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { footerWords } from './test-words.ts';
import type { RemoteWorkerHandle } from './use-remote-worker.ts';

export interface RemoteFooterProps {
  readonly formId: string;
  readonly worker: RemoteWorkerHandle;
  readonly adds: boolean;
  readonly onClose: () => void;
}

export function RemoteFooter({ formId, worker, adds, onClose }: RemoteFooterProps) {
  const { climb } = worker;
  return (
    <>
      <p className="worker-status">
        {footerWords({ missing: worker.reading.missing, wrong: !worker.sound }, worker.readiness, adds)}
      </p>
      <Button onClick={onClose}>Cancel</Button>
      {climb.running ? (
        <Button icon={Square} onClick={climb.stop}>
          Stop test
        </Button>
      ) : (
        <Button icon={Activity} disabled={!worker.sound} onClick={worker.test}>
          Test
        </Button>
      )}
      <Button type="submit" form={formId} variant="primary" busy={worker.busy} disabled={!worker.sound}>
        {adds ? addWords(worker.count) : 'Save'}
      </Button>
    </>
  );
}

function addWords(count: number): string {
  return count === 1 ? 'Add worker' : `Add ${count} workers`;
}
