import { Circle, CircleCheck, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react';
import { RUNG_WORDS, rungState } from '../../shared/readiness-words.ts';
import {
  type Readiness,
  RUNGS,
  type Rung,
  type RungState,
  type ShownCertificate,
} from '../../shared/remote.ts';
import { Button } from '../components/button.tsx';
import { classNames } from '../components/class-names.ts';
import { Spinner } from '../components/spinner.tsx';
import { CommandLine } from './command-line.tsx';
import './readiness.css';

export interface LadderProps {
  readonly readiness: Readiness;
  /** null where a certificate cannot be trusted from. */
  readonly onTrust: ((certificate: ShownCertificate) => void) | null;
}

/** The five rungs from the ground up: what holds, and what to do about the one that does not. */
export function Ladder({ readiness, onTrust }: LadderProps) {
  return (
    <ol className="ladder" aria-label="Readiness, rung by rung">
      {RUNGS.map((rung) => (
        <RungItem key={rung} rung={rung} readiness={readiness} onTrust={onTrust} />
      ))}
    </ol>
  );
}

const ICONS: Readonly<Record<Exclude<RungState['status'], 'checking'>, LucideIcon>> = {
  waiting: Circle,
  passed: CircleCheck,
  warning: TriangleAlert,
  failed: CircleX,
};

function RungItem({ rung, readiness, onTrust }: LadderProps & { readonly rung: Rung }) {
  const state = readiness.rungs[rung];
  const { word, tone } = rungState(readiness, rung);
  const Icon = state.status === 'checking' ? null : ICONS[state.status];
  const remedy = state.status === 'failed' || state.status === 'warning' ? state.remedy : null;
  return (
    <li className={classNames('rung', `rung-${state.status}`, `tone-${tone}`)}>
      <span className="rung-icon">
        {Icon === null ? <Spinner /> : <Icon size={16} strokeWidth={1.8} aria-hidden="true" />}
      </span>
      <div className="rung-words">
        <p className="rung-head">
          <span className="rung-name">{RUNG_WORDS[rung]}</span> <span className="rung-state">{word}</span>
        </p>
        {'detail' in state && <p className="rung-detail">{state.detail}</p>}
        {remedy !== null && <p className="rung-remedy">{remedy}</p>}
        {state.status === 'failed' && state.command !== null && (
          <CommandLine text={state.command} label={`Command that mends “${RUNG_WORDS[rung]}”`} />
        )}
        {state.status === 'failed' && state.certificate !== null && (
          <Certificate certificate={state.certificate} onTrust={onTrust} />
        )}
      </div>
    </li>
  );
}

interface CertificateProps {
  readonly certificate: ShownCertificate;
  readonly onTrust: LadderProps['onTrust'];
}

/** What to compare with the other machine before its certificate is trusted. */
function Certificate({ certificate, onTrust }: CertificateProps) {
  return (
    <div className="rung-certificate">
      <dl>
        <dt>Subject</dt>
        <dd>{certificate.subject}</dd>
        <dt>Valid until</dt>
        <dd>{certificate.validTo}</dd>
        <dt>SHA-256</dt>
        <dd className="mono">{certificate.fingerprint}</dd>
      </dl>
      {onTrust !== null && (
        <Button size="s" onClick={() => onTrust(certificate)}>
          Trust this certificate
        </Button>
      )}
    </div>
  );
}
