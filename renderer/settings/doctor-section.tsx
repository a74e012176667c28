import { CircleAlert, CircleCheck, Stethoscope, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { DoctorReport, SystemInfo } from '../../shared/contract.ts';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { useClient } from '../store/services.ts';
import { reportText, summaryOf, TOPICS, worstFirst } from './doctor-report.ts';
import { Problem } from './problem.tsx';
import { Section } from './section.tsx';

const LEVELS = {
  ok: { icon: CircleCheck, tone: 'ok', word: 'Fine' },
  warning: { icon: TriangleAlert, tone: 'warning', word: 'Warning' },
  problem: { icon: CircleAlert, tone: 'error', word: 'Problem' },
} as const;

export function DoctorSection({ info }: { readonly info: SystemInfo | null }) {
  const client = useClient();
  const [report, setReport] = useState<DoctorReport | null>(null);
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setRefusal(null);
    try {
      setReport(await client.invoke('doctor.run', {}));
    } catch (error) {
      setRefusal(toEnvelope(error));
    }
    setBusy(false);
  };
  return (
    <Section
      id="doctor"
      title="Doctor"
      text="Checks GPUs, driver, ComfyUI, Python, ports and disk, and says how to mend what is wrong."
    >
      <div className="doctor-bar">
        <Button icon={Stethoscope} busy={busy} onClick={() => void run()}>
          {busy ? 'Examining…' : report === null ? 'Run the doctor' : 'Run again'}
        </Button>
        <p role="status">{report === null ? '' : summaryOf(report.findings)}</p>
        {report !== null && <CopyButton label="Copy report" text={() => reportText(report, info)} />}
      </div>
      <Problem refusal={refusal} />
      {report !== null && <Findings report={report} />}
    </Section>
  );
}

function Findings({ report }: { readonly report: DoctorReport }) {
  return (
    <ul className="findings">
      {worstFirst(report.findings).map(({ level, topic, text, hint }) => {
        const { icon: Icon, tone, word } = LEVELS[level];
        return (
          <li key={`${topic} ${text}`} className={`finding tone-${tone}`}>
            <Icon size={16} strokeWidth={1.8} role="img" aria-label={word} />
            <span className="finding-topic">{TOPICS[topic]}</span>
            <p>
              {text}
              {hint !== null && <span className="finding-hint"> {hint}</span>}
            </p>
          </li>
        );
      })}
    </ul>
  );
}
