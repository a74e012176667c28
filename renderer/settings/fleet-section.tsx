import { Toggle } from '../components/toggle.tsx';
import type { PreferenceSectionProps } from './general-section.tsx';
import { NumberSetting } from './number-setting.tsx';
import { Section } from './section.tsx';

export function FleetSection({ settings, save }: PreferenceSectionProps) {
  return (
    <Section id="fleet" title="Fleet">
      <Toggle
        label="Launch the fleet at start"
        description="Starts the master and every selected worker when Comfy Ensemble starts."
        checked={settings.autoLaunch}
        onChange={(autoLaunch) => save({ autoLaunch })}
      />
      <Toggle
        label="Stop the fleet on quit"
        description={
          settings.stopOnQuit
            ? 'All servers that were started here end with Comfy Ensemble, even when it crashes; their work is lost.'
            : 'Servers go on rendering without Comfy Ensemble and are taken over at its next start.'
        }
        checked={settings.stopOnQuit}
        onChange={(stopOnQuit) => save({ stopOnQuit })}
      />
      <Toggle
        label="Restart crashed servers"
        description="A server that dies is started again, with growing pauses; after repeated crashes it stays down and says why."
        checked={settings.restartCrashed}
        onChange={(restartCrashed) => save({ restartCrashed })}
      />
      <div className="setting-pair">
        <NumberSetting
          label="Time to start, seconds"
          hint="A server that does not answer by then counts as failed. Many custom nodes need longer."
          value={settings.readyTimeoutSeconds}
          least={5}
          most={86_400}
          onSave={(readyTimeoutSeconds) => save({ readyTimeoutSeconds })}
        />
        <NumberSetting
          label="Measure every, seconds"
          hint="How often GPUs, memory and disk are read."
          value={settings.telemetrySeconds}
          least={1}
          most={60}
          onSave={(telemetrySeconds) => save({ telemetrySeconds })}
        />
      </div>
    </Section>
  );
}
