import { Unplug } from 'lucide-react';
import { useState } from 'react';
import type { AgentStatus } from '../../shared/agents.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { StateDot } from '../components/state-dot.tsx';
import { Problem } from '../settings/problem.tsx';
import { useAttempt } from '../settings/use-attempt.ts';
import { useClient, useUi } from '../store/services.ts';
import { gpuWords, linkWords, placeWords } from './agent-words.ts';

export function AgentList({ agents }: { readonly agents: readonly AgentStatus[] }) {
  if (agents.length === 0) {
    return <p className="settings-lead">No machine is paired yet.</p>;
  }
  return (
    <ul className="agent-list" aria-label="Paired machines">
      {agents.map((agent) => (
        <Agent key={agent.id} agent={agent} />
      ))}
    </ul>
  );
}

function Agent({ agent }: { readonly agent: AgentStatus }) {
  const client = useClient();
  const openDialog = useUi((state) => state.openDialog);
  const [asking, setAsking] = useState(false);
  const { busy, refusal, attempt } = useAttempt();
  const { word, tone, more } = linkWords(agent.link);
  const unpair = (): Promise<void> => attempt(() => client.invoke('agents.unpair', { id: agent.id }));
  return (
    <li className="agent">
      <div className="agent-head">
        <strong className="truncate">{agent.name}</strong>
        <StateDot tone={tone} word={word} pulse={tone === 'busy'} />
        <span className="agent-actions">
          {agent.link.status === 'refused' && (
            <Button size="s" onClick={() => openDialog({ kind: 'pair-machine', address: placeWords(agent) })}>
              Pair anew…
            </Button>
          )}
          <Button size="s" icon={Unplug} busy={busy} onClick={() => setAsking(true)}>
            Let go…<span className="visually-hidden"> of {agent.name}</span>
          </Button>
        </span>
      </div>
      <p className="agent-more">
        <span className="mono">{placeWords(agent)}</span> · {gpuWords(agent.gpus)}
      </p>
      {more !== null && <p className="agent-trouble">{more}</p>}
      <details>
        <summary>Fingerprint of its certificate</summary>
        <code className="mono agent-fingerprint">{agent.fingerprint}</code>
      </details>
      <Problem refusal={refusal} />
      {asking && (
        <ConfirmDialog
          danger
          title={`Let go of ${agent.name}?`}
          consequence={consequence(agent)}
          confirmLabel="Let go"
          onConfirm={() => void unpair()}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}

function consequence({ workers }: AgentStatus): string {
  const cards =
    workers.length === 0
      ? 'It has no workers here.'
      : `Its ${workers.length === 1 ? 'worker disappears' : `${workers.length} workers disappear`} from the fleet; their servers go on running there.`;
  return `${cards} To have it back, pair it with a new code.`;
}
