import { useId, useState } from 'react';
import { parseAddress } from '../../shared/address.ts';
import { DEFAULT_AGENT_PORT } from '../../shared/agents.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/text-field.tsx';
import { CommandLine } from '../readiness/command-line.tsx';
import { Problem } from '../settings/problem.tsx';
import { useAttempt } from '../settings/use-attempt.ts';
import { useServices } from '../store/services.ts';
import './agents.css';

export interface PairDialogProps {
  /** As a person would type it; empty when nobody was picked. */
  readonly address: string;
  readonly onClose: () => void;
}

/** Two machines come to trust each other by a code that one of them shows. */
export function PairDialog({ address: start, onClose }: PairDialogProps) {
  const { client, toasts } = useServices();
  const [address, setAddress] = useState(start);
  const [code, setCode] = useState('');
  const { busy, refusal, attempt } = useAttempt();
  const formId = useId();
  const place = placeOf(address);
  const problem = (field: string): string | null =>
    refusal?.problems.find((one) => one.field === field)?.message ?? null;
  const pair = (): Promise<void> =>
    attempt(async () => {
      if (place === null) return;
      const paired = await client.invoke('agents.pair', { ...place, code });
      toasts.getState().show({
        level: 'success',
        title: `${paired.name} is paired`,
        detail: workersWords(paired.workers.length),
      });
      onClose();
    });
  return (
    <Dialog
      size="m"
      title="Pair a machine"
      description="Its GPUs become workers here, with their readings, logs, start and stop."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form={formId}
            busy={busy}
            disabled={place === null || code.trim() === ''}
          >
            Pair
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="pair-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void pair();
        }}
      >
        <div className="pair-there">
          <p>Run this on the other machine. It prints its addresses and a code:</p>
          <CommandLine label="Command for the other machine" text="npx ensemble agent" />
        </div>
        <TextField
          label="Address"
          hint={`E.g. 192.168.1.20; port ${DEFAULT_AGENT_PORT} unless it names another one.`}
          problem={problem('host')}
          value={address}
          onChange={setAddress}
          data-autofocus={start === '' || undefined}
          code
        />
        <TextField
          label="Code"
          hint="Eight letters and digits, like 7KQ2-M9XD. It works once, for ten minutes."
          problem={problem('code')}
          value={code}
          onChange={setCode}
          data-autofocus={start !== '' || undefined}
          maxLength={40}
          code
        />
        <Problem refusal={refusal} />
      </form>
    </Dialog>
  );
}

function workersWords(count: number): string {
  if (count === 0) return 'Its workers appear as soon as it answers.';
  return count === 1 ? 'One worker was added.' : `${count} workers were added.`;
}

/** @returns null while it is no address */
function placeOf(text: string): { readonly host: string; readonly port: number } | null {
  if (text.trim() === '') return null;
  const reading = parseAddress(text);
  if (!reading.ok) return null;
  const { host, port } = reading.address;
  const named = /(?:^[^:]*|\]):\d+\/?$/.test(text.trim().replace(/^https?:\/\//, ''));
  return { host, port: named ? port : DEFAULT_AGENT_PORT };
}
