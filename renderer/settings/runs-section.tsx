import type { PreferenceSectionProps } from './general-section.tsx';
import { NumberSetting } from './number-setting.tsx';
import { Section } from './section.tsx';

export function RunsSection({ settings, save }: PreferenceSectionProps) {
  return (
    <Section id="runs" title="Runs">
      <div className="setting-pair">
        <NumberSetting
          label="Finished runs to remember"
          hint="The oldest beyond that are forgotten. Their files stay."
          value={settings.keepRuns}
          least={1}
          most={1_000_000}
          onSave={(keepRuns) => save({ keepRuns })}
        />
        <NumberSetting
          label="Days to remember them"
          hint="A finished run that is older is forgotten. Its files stay."
          value={settings.keepRunDays}
          least={1}
          most={36_500}
          onSave={(keepRunDays) => save({ keepRunDays })}
        />
      </div>
    </Section>
  );
}
