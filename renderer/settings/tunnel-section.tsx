import { Download, Globe, Power } from 'lucide-react';
import { useState } from 'react';
import type { Settings } from '../../shared/settings.ts';
import { isTunnelOn, publicUrlOf, type TunnelState, type TunnelStatus } from '../../shared/tunnel.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { Progress } from '../components/progress.tsx';
import { SelectField } from '../components/select-field.tsx';
import { StateDot } from '../components/state-dot.tsx';
import { GuideButton } from '../guides/guide-button.tsx';
import { useClient, useServices } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';
import { PublicAddress } from '../tunnel/public-address.tsx';
import '../tunnel/tunnel.css';
import { TunnelLog } from '../tunnel/tunnel-log.tsx';
import { wordsOfDownload, wordsOfProgram, wordsOfTunnel } from '../tunnel/tunnel-words.ts';
import { useTunnel } from '../tunnel/use-tunnel.ts';
import { DraftField } from './draft-field.tsx';
import { Problem } from './problem.tsx';
import { Section } from './section.tsx';
import { useAttempt } from './use-attempt.ts';

const TICK_MS = 1_000;

/** The ComfyUI address for the whole world, behind its token. */
export function TunnelSection({ settings }: { readonly settings: Settings }) {
  const status = useTunnel();
  const client = useClient();
  const { refusal, attempt } = useAttempt();
  const save = (patch: Partial<Pick<Settings, 'tunnelProgram' | 'tunnelAtStart'>>): void =>
    void attempt(async () => {
      await client.invoke('settings.update', { patch });
    });
  return (
    <Section
      id="tunnel"
      title="Tunnel"
      text="Reach the ComfyUI address from anywhere, over https, without opening a port of your router: Cloudflare’s program carries it out."
      aside={status !== null && <Word state={status.state} />}
    >
      {status === null ? <p role="status">Looking at the tunnel…</p> : <Now status={status} />}
      <SelectField
        label="When the app starts"
        hint={START_HINTS[settings.tunnelAtStart]}
        value={settings.tunnelAtStart}
        options={STARTS}
        onChange={(value) =>
          save({ tunnelAtStart: STARTS.find((one) => one.value === value)?.value ?? 'off' })
        }
      />
      <ProgramPath path={settings.tunnelProgram} save={(tunnelProgram) => save({ tunnelProgram })} />
      <Problem refusal={refusal} />
    </Section>
  );
}

interface ProgramPathProps {
  readonly path: string | null;
  readonly save: (path: string | null) => void;
}

function ProgramPath({ path, save }: ProgramPathProps) {
  return (
    <DraftField
      label="Path of cloudflared"
      hint="Only where it is not on PATH."
      placeholder="/usr/local/bin/cloudflared"
      code
      saved={path ?? ''}
      problemOf={() => null}
      onCommit={(text) => {
        const typed = text.trim() === '' ? null : text.trim();
        if (typed !== path) save(typed);
      }}
    />
  );
}

const STARTS = [
  { value: 'off', label: 'No tunnel' },
  { value: 'quick', label: 'Open a quick tunnel' },
  { value: 'named', label: 'Open the named tunnel' },
] as const;
const START_HINTS: Readonly<Record<Settings['tunnelAtStart'], string>> = {
  off: 'The address is on the internet only while you have opened it yourself.',
  quick: 'The address is on the internet whenever the app runs, each time under another name.',
  named: 'The address is on the internet whenever the app runs, under your own name.',
};

function Word({ state }: { readonly state: TunnelState }) {
  const now = useNow(state.status === 'backing-off' ? TICK_MS : null);
  const { word, tone } = wordsOfTunnel(state, now);
  return <StateDot tone={tone} word={word} pulse={tone === 'busy'} />;
}

function Now({ status }: { readonly status: TunnelStatus }) {
  const { state } = status;
  const url = publicUrlOf(state);
  return (
    <>
      {url !== null && <PublicAddress url={url} />}
      {state.status === 'failed' && <Banner tone="error" title={state.reason} text={state.remedy} />}
      {state.status === 'backing-off' && (
        <Banner tone="warning" title={state.reason} text="It is tried again by itself." />
      )}
      <Actions status={status} />
      <Program status={status} />
    </>
  );
}

function Actions({ status: { state, program } }: { readonly status: TunnelStatus }) {
  const { client, ui } = useServices();
  const [showsLog, setShowsLog] = useState(false);
  const { busy, refusal, attempt } = useAttempt();
  const { openDialog } = ui.getState();
  return (
    <>
      <div className="tunnel-actions">
        {isTunnelOn(state) || state.status === 'stopping' ? (
          <Button
            icon={Power}
            busy={busy || state.status === 'stopping'}
            onClick={() => void attempt(() => client.invoke('tunnel.stop', {}))}
          >
            Close the tunnel
          </Button>
        ) : (
          <Button
            variant="primary"
            icon={Globe}
            disabled={program.status !== 'found'}
            onClick={() => openDialog({ kind: 'tunnel-open' })}
          >
            Open a tunnel…
          </Button>
        )}
        <Button aria-expanded={showsLog} onClick={() => setShowsLog(!showsLog)}>
          {showsLog ? 'Hide log' : 'Show log'}
        </Button>
        <GuideButton guide="gateway-tunnel" label="Guide" />
      </div>
      <Problem refusal={refusal} />
      {showsLog && <TunnelLog />}
    </>
  );
}

function Program({ status: { program } }: { readonly status: TunnelStatus }) {
  const client = useClient();
  // Kept here: why a download failed is told after its progress has gone.
  const { busy, refusal, attempt } = useAttempt();
  switch (program.status) {
    case 'found':
      return (
        <p className="field-hint tunnel-program">
          {wordsOfProgram(program)}
          {program.sha256 !== null && (
            <>
              <br />
              SHA-256, as its release publishes it: <code className="mono">{program.sha256}</code>
            </>
          )}
        </p>
      );
    case 'downloading':
      return (
        <div className="tunnel-download">
          <p role="status">{wordsOfDownload(program)}</p>
          <Progress
            label="Download of cloudflared"
            share={program.total === null ? null : program.received / program.total}
          />
        </div>
      );
    default:
      return (
        <>
          <NoProgram
            {...program}
            busy={busy}
            onDownload={() => void attempt(() => client.invoke('tunnel.download', {}))}
          />
          <Problem refusal={refusal} />
        </>
      );
  }
}

interface NoProgramProps {
  readonly reason: string;
  readonly remedy: string;
  readonly busy: boolean;
  readonly onDownload: () => void;
}

function NoProgram({ reason, remedy, busy, onDownload }: NoProgramProps) {
  const download = (
    <Button size="s" icon={Download} busy={busy} onClick={onDownload}>
      Download cloudflared
    </Button>
  );
  return (
    <>
      <Banner tone="warning" title={reason} text={remedy} action={download} />
      <p className="field-hint">
        It comes from the official release of cloudflare/cloudflared on GitHub, and is kept only if its
        SHA-256 is the published one.
      </p>
    </>
  );
}
