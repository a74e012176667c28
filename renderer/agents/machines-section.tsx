import { Plus } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { Spinner } from '../components/spinner.tsx';
import { Toggle } from '../components/toggle.tsx';
import type { PreferenceSectionProps } from '../settings/general-section.tsx';
import { Section } from '../settings/section.tsx';
import { useRun, useUi } from '../store/services.ts';
import { AgentList } from './agent-list.tsx';
import { AgentSide } from './agent-side.tsx';
import './agents.css';
import { placeWords } from './agent-words.ts';
import { FoundOnNetwork } from './found-on-network.tsx';
import { useAgents } from './use-followed.ts';

/** Machines whose GPUs work here, and who is in the network. */
export function MachinesSection({ settings, save }: PreferenceSectionProps) {
  const agents = useAgents();
  const run = useRun();
  const openDialog = useUi((state) => state.openDialog);
  return (
    <Section
      id="machines"
      title="Other machines"
      text="Machines that run “ensemble agent”: their GPUs are workers here, started, stopped and read from here."
      aside={
        <Button size="s" icon={Plus} onClick={() => openDialog({ kind: 'pair-machine', address: '' })}>
          Pair a machine…
        </Button>
      }
    >
      {agents === null ? (
        <p className="settings-loading" role="status">
          <Spinner /> Asking for the paired machines…
        </p>
      ) : (
        <AgentList agents={agents} />
      )}
      <AgentSide />
      <Toggle
        label="Find others in this network"
        description="By mDNS, on this machine’s private networks alone. They see its name and version, and that it is here."
        checked={settings.discovery}
        onChange={(discovery) => save({ discovery })}
      />
      <FoundOnNetwork
        onPick={(draft) => void run('remote.add', { draft })}
        onPair={(place) => openDialog({ kind: 'pair-machine', address: placeWords(place) })}
      />
    </Section>
  );
}
