import type { Tone } from '../../shared/condition.ts';
import { classNames } from './class-names.ts';
import { Sparkline } from './sparkline.tsx';

export interface MeterProps {
  readonly label: string;
  /** 0..1; null while unknown. */
  readonly share: number | null;
  /** What a person reads, e.g. "11.2 / 24 GB". */
  readonly text: string;
  readonly tone?: Tone;
  /** Oldest first, 0..1; null leaves a gap. */
  readonly history?: readonly (number | null)[];
}

export function Meter({ label, share, text, tone = 'busy', history }: MeterProps) {
  const percent = share === null ? 0 : Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: the native meter cannot hold a label, a value and a sparkline.
    <div
      className={classNames('meter', `tone-${tone}`)}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={share === null ? 'unknown' : text}
    >
      <span className="meter-label">{label}</span>
      <span className="meter-text">{text}</span>
      {history === undefined ? (
        <span className="meter-track">
          <span className="meter-fill" style={{ transform: `scaleX(${percent / 100})` }} />
        </span>
      ) : (
        <Sparkline values={history} />
      )}
    </div>
  );
}
