import { ExternalLink } from 'lucide-react';
import type { GatewayStatus } from '../../../shared/contract.ts';
import type { Distribution, PreferencePatch, Settings } from '../../../shared/settings.ts';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Segmented } from '../../components/segmented.tsx';
import '../../gateway/gateway.css';
import { addressFrom } from '../../gateway/gateway-words.ts';
import { openGateway } from '../../gateway/open-gateway.ts';
import { useGateway } from '../../gateway/use-gateway.ts';
import { useClient, useServices } from '../../store/services.ts';
import { NumberSetting } from '../number-setting.tsx';
import { Problem } from '../problem.tsx';
import { Section } from '../section.tsx';
import { useAttempt } from '../use-attempt.ts';
import { GatewayClients } from './gateway-clients.tsx';
import { GatewayNames } from './gateway-names.tsx';
import { GatewayNetwork } from './gateway-network.tsx';

export type SaveGateway = (patch: PreferencePatch) => void;

/** One address for tools that know ComfyUI, with the whole fleet behind it. */
export function GatewaySection({ settings }: { readonly settings: Settings }) {
  const client = useClient();
  const status = useGateway();
  const { refusal, attempt } = useAttempt();
  // A refusal belongs beside the field that caused it, not at the top of the page.
  const save: SaveGateway = (patch) => void attempt(() => client.invoke('settings.update', { patch }));
  return (
    <Section
      id="gateway"
      title="ComfyUI address"
      text="Give it to the ComfyUI page, scripts and plugins in place of a server’s own: every GPU of the fleet is behind it."
    >
      {status !== null && <Address status={status} />}
      {status?.url != null && <Elsewhere url={status.url} settings={settings} save={save} />}
      <Problem refusal={refusal} />
      <DistributionChoice value={settings.gatewayDistribution} save={save} />
      <div className="gateway-fields">
        <NumberSetting
          label="Port"
          hint="The address moves at once; who is connected has to come back there."
          value={settings.gatewayPort}
          least={1}
          most={65_535}
          onSave={(gatewayPort) => save({ gatewayPort })}
        />
        <GatewayNames names={settings.gatewayNames} save={save} />
      </div>
      {status !== null && <GatewayNetwork settings={settings} status={status} save={save} />}
      {status !== null && <GatewayClients status={status} />}
    </Section>
  );
}

function Address({ status }: { readonly status: GatewayStatus }) {
  const services = useServices();
  const address = addressFrom(status, window.location.hostname);
  if (status.url === null) {
    return <Banner tone="warning" title="There is no address now." text="The notifications say why." />;
  }
  if (address === null) {
    return (
      <Banner
        tone="neutral"
        title={status.url}
        text="Reached from the machine of the fleet alone, not from yours."
      />
    );
  }
  return (
    <div className="gateway-address">
      <code className="mono">{address}</code>
      <CopyButton label="Copy address" text={() => address} />
      <Button size="s" icon={ExternalLink} onClick={() => void openGateway(services, status)}>
        Open in browser
      </Button>
    </div>
  );
}

/** The port of the settings was taken when the fleet began. */
function Elsewhere({ url, settings, save }: { url: string; settings: Settings; save: SaveGateway }) {
  const { gatewayPort } = settings;
  const port = Number(new URL(url).port || 80);
  if (port === gatewayPort) return null;
  return (
    <Banner
      tone="warning"
      title={`Port ${gatewayPort} was taken.`}
      text={`The address has port ${port} until it is free.`}
      action={
        <Button size="s" onClick={() => save({ gatewayPort })}>
          Try {gatewayPort} again
        </Button>
      }
    />
  );
}

const CHOICES: readonly { readonly value: Distribution; readonly label: string; readonly text: string }[] = [
  {
    value: 'balance',
    label: 'Balance',
    text: 'Each prompt goes whole to whoever is expected to finish it first.',
  },
  {
    value: 'fan-out',
    label: 'Fan-out',
    text: 'A prompt with a seed runs once on every participant, each with the next seed; others go whole to one.',
  },
  { value: 'master', label: 'Master only', text: 'Prompts run on the master, as on a single ComfyUI.' },
];

function DistributionChoice({ value, save }: { readonly value: Distribution; readonly save: SaveGateway }) {
  return (
    <div className="gateway-choice">
      <span className="setting-label">Prompts that do not say how they are distributed</span>
      <Segmented
        label="Prompts that do not say how they are distributed"
        value={value}
        options={CHOICES}
        onChange={(gatewayDistribution) => save({ gatewayDistribution })}
      />
      <p className="field-hint">
        {CHOICES.find((choice) => choice.value === value)?.text} Distributed nodes and{' '}
        <code className="mono">extra_data.ensemble</code> decide for themselves.
      </p>
    </div>
  );
}
