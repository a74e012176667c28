import { Check } from 'lucide-react';
import { MachinesSection } from '../agents/machines-section.tsx';
import { Spinner } from '../components/spinner.tsx';
import { ProvidersSection } from '../providers/providers-section.tsx';
import { useSystemInfo } from '../store/use-system-info.ts';
import { AboutSection } from './about-section.tsx';
import { ComfyuiSection } from './comfyui-section.tsx';
import { DemoSection } from './demo-section.tsx';
import { DoctorSection } from './doctor-section.tsx';
import { FleetSection } from './fleet-section.tsx';
import { GatewaySection } from './gateway/gateway-section.tsx';
import { GeneralSection } from './general-section.tsx';
import { ImportSection } from './import-section.tsx';
import { Problem } from './problem.tsx';
import { RunsSection } from './runs-section.tsx';
import './settings.css';
import { TunnelSection } from './tunnel-section.tsx';
import { type Preferences, usePreferences } from './use-preferences.ts';

const SECTIONS = [
  ['general', 'General'],
  ['fleet', 'Fleet'],
  ['machines', 'Other machines'],
  ['gateway', 'ComfyUI address'],
  ['tunnel', 'Tunnel'],
  ['providers', 'Providers'],
  ['runs', 'Runs'],
  ['comfyui', 'ComfyUI'],
  ['import', 'Import'],
  ['demo', 'Demo fleet'],
  ['doctor', 'Doctor'],
  ['about', 'About'],
] as const;

export function SettingsView() {
  const info = useSystemInfo();
  const preferences = usePreferences();
  const { settings, save } = preferences;
  return (
    <div className="settings">
      <nav className="settings-nav" aria-label="Settings">
        {SECTIONS.map(([id, title]) => (
          <button key={id} type="button" onClick={() => goTo(id)}>
            {title}
          </button>
        ))}
        <SaveStatus status={preferences.status} />
      </nav>
      <div className="settings-scroll">
        <div className="settings-column">
          <h1 className="visually-hidden">Settings</h1>
          <Problem refusal={preferences.refusal} />
          {settings === null ? (
            <p className="settings-loading" role="status">
              <Spinner /> Reading the settings…
            </p>
          ) : (
            <>
              <GeneralSection settings={settings} save={save} info={info} />
              <FleetSection settings={settings} save={save} />
              <MachinesSection settings={settings} save={save} />
              <GatewaySection settings={settings} />
              <TunnelSection settings={settings} />
              <ProvidersSection />
              <RunsSection settings={settings} save={save} />
            </>
          )}
          <ComfyuiSection info={info} />
          <ImportSection />
          <DemoSection />
          <DoctorSection info={info} />
          <AboutSection info={info} />
        </div>
      </div>
    </div>
  );
}

const STATUS_WORDS: Readonly<Record<Preferences['status'], string>> = {
  idle: '',
  saving: 'Saving…',
  saved: 'Saved',
};

function SaveStatus({ status }: { readonly status: Preferences['status'] }) {
  return (
    <p className="settings-status" role="status">
      {status === 'saved' && <Check size={14} aria-hidden="true" />}
      {STATUS_WORDS[status]}
    </p>
  );
}

/** Scrolls the settings alone: scrollIntoView would move the whole page as well. */
function goTo(id: string): void {
  const title = document.getElementById(`settings-${id}-title`);
  const section = title?.closest('section');
  const scroller = section?.closest('.settings-scroll');
  if (!title || !section || !scroller) return;
  scroller.scrollTop += section.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 16;
  title.focus({ preventScroll: true });
}
