import type { SystemInfo } from '../../shared/contract.ts';
import type { PreferencePatch, Settings, ThemeChoice } from '../../shared/settings.ts';
import { Segmented } from '../components/segmented.tsx';
import { Toggle } from '../components/toggle.tsx';
import { Section } from './section.tsx';

export interface PreferenceSectionProps {
  readonly settings: Settings;
  readonly save: (patch: PreferencePatch) => void;
}

const THEMES: readonly { readonly value: ThemeChoice; readonly label: string }[] = [
  { value: 'system', label: 'Like the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export function GeneralSection({
  settings,
  save,
  info,
}: PreferenceSectionProps & { readonly info: SystemInfo | null }) {
  const desktop = info?.shell === 'desktop';
  return (
    <Section id="general" title="General">
      <div className="setting-row">
        <span className="setting-label">Theme</span>
        <Segmented
          label="Theme"
          value={settings.theme}
          options={THEMES}
          onChange={(theme) => save({ theme })}
        />
      </div>
      {desktop && (
        <Toggle
          label="Notifications of the system"
          description="For failures and finished work while the window is not in front."
          checked={settings.nativeNotifications}
          onChange={(nativeNotifications) => save({ nativeNotifications })}
        />
      )}
      {desktop && (
        <Toggle
          label="Close to the tray"
          description="Closing the window leaves the fleet running; quit from the tray menu."
          checked={settings.closeToTray}
          onChange={(closeToTray) => save({ closeToTray })}
        />
      )}
      {info?.canLaunchAtLogin === true && (
        <Toggle
          label="Start at login"
          description="Comfy Ensemble starts in the tray when you sign in to this computer."
          checked={settings.launchAtLogin}
          onChange={(launchAtLogin) => save({ launchAtLogin })}
        />
      )}
    </Section>
  );
}
