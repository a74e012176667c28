import type { Tone } from '../../shared/condition.ts';
import { classNames } from './class-names.ts';

export interface ProgressProps {
  readonly label: string;
  /** 0..1; null = runs, but how far is unknown. */
  readonly share: number | null;
  readonly tone?: Tone;
}

export function Progress({ label, share, tone = 'busy' }: ProgressProps) {
  const percent = share === null ? null : Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      className={classNames('progress', `tone-${tone}`, percent === null && 'progress-unknown')}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': percent })}
    >
      <span
        className="progress-fill"
        style={percent === null ? undefined : { transform: `scaleX(${percent / 100})` }}
      />
    </div>
  );
}
