import { KeyRound } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { AgentSideStatus, PairingCode } from '../../shared/agents.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { StateDot } from '../components/state-dot.tsx';
import { Problem } from '../settings/problem.tsx';
import { useAttempt } from '../settings/use-attempt.ts';
import { useClient } from '../store/services.ts';

const LOOK_MS = 5_000;

/** What this machine is for control centers elsewhere; nothing unless it was started as an agent. */
export function AgentSide() {
  const client = useClient();
  const [side, setSide] = useState<AgentSideStatus | null>(null);
  const [code, setCode] = useState<PairingCode | null>(null);
  const { busy, refusal, attempt } = useAttempt();
  useEffect(() => {
    const look = (): void => {
      client.invoke('agent.status', {}).then(setSide, () => undefined);
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [client]);
  if (side === null) return null;
  const dismiss = (id: string): Promise<void> =>
    attempt(async () => {
      await client.invoke('agent.dismiss', { id });
      setSide(await client.invoke('agent.status', {}));
    });
  return (
    <div className="agent-side">
      <h3>This machine is an agent</h3>
      <p>
        Control centers elsewhere reach “{side.name}” at{' '}
        <span className="mono">{side.addresses.join(', ')}</span>.
      </p>
      <div className="agent-code">
        {code !== null && (
          <>
            <code className="mono">{code.code}</code>
            <CopyButton label="Copy code" text={() => code.code} />
          </>
        )}
        <Button
          size="s"
          icon={KeyRound}
          busy={busy}
          onClick={() => void attempt(async () => setCode(await client.invoke('agent.code', {})))}
        >
          Show a pairing code
        </Button>
      </div>
      {code !== null && <p className="field-hint">It works once, until {timeOf(code.expiresAt)}.</p>}
      <ul className="agent-masters" aria-label="Control centers that it works for">
        {side.masters.map(({ id, name, connected }) => (
          <li key={id}>
            <span className="truncate">{name}</span>
            <StateDot tone={connected ? 'ok' : 'neutral'} word={connected ? 'Connected' : 'Not connected'} />
            <Button size="s" onClick={() => void dismiss(id)}>
              Dismiss<span className="visually-hidden"> {name}</span>
            </Button>
          </li>
        ))}
      </ul>
      <Problem refusal={refusal} />
    </div>
  );
}

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
