import { useState } from 'react';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { TextField } from '../components/text-field.tsx';
import { useClient, useFleet } from '../store/services.ts';
import { Problem } from './problem.tsx';
import { readNumber } from './read-number.ts';
import { Section } from './section.tsx';
import { useAttempt } from './use-attempt.ts';

const MOST_GPUS = 64;

export function DemoSection() {
  const client = useClient();
  const setup = useFleet((state) => state.fleet?.setup);
  const { busy, refusal, attempt } = useAttempt();
  /** Asks first: a fleet of one's own would be stopped. */
  const [asked, setAsked] = useState<number | null>(null);
  const demo = setup?.status === 'demo';
  const start = (gpus: number) => void attempt(() => client.invoke('demo.start', { gpus }));
  return (
    <Section
      id="demo"
      title="Demo fleet"
      text={
        demo
          ? `A simulated fleet of ${setup.gpus} GPUs runs now. Leaving it brings back your own.`
          : 'Simulated GPUs and servers to try everything on. Your own fleet and its settings stay as they are.'
      }
    >
      {demo ? (
        <div>
          <Button busy={busy} onClick={() => void attempt(() => client.invoke('demo.stop', {}))}>
            Leave the demo
          </Button>
        </div>
      ) : (
        <StartForm busy={busy} onStart={setup?.status === 'configured' ? setAsked : start} />
      )}
      <Problem refusal={refusal} />
      {asked !== null && (
        <ConfirmDialog
          title="Leave your fleet for the demo?"
          consequence="Your running servers are stopped, and what they work on is lost. They come back when you leave the demo."
          confirmLabel="Start the demo"
          onConfirm={() => start(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </Section>
  );
}

interface StartFormProps {
  readonly busy: boolean;
  readonly onStart: (gpus: number) => void;
}

function StartForm({ busy, onStart }: StartFormProps) {
  const [text, setText] = useState('4');
  const reading = readNumber(text, 1, MOST_GPUS);
  return (
    <form
      className="demo-start"
      onSubmit={(event) => {
        event.preventDefault();
        if (reading.value !== null) onStart(reading.value);
      }}
    >
      <TextField
        label="Simulated GPUs"
        inputMode="numeric"
        value={text}
        problem={reading.problem}
        onChange={setText}
      />
      <Button type="submit" busy={busy} disabled={reading.value === null}>
        Start the demo
      </Button>
    </form>
  );
}
