import type { Tone } from '../../shared/condition.ts';
import { classNames } from './class-names.ts';

export interface StateDotProps {
  readonly tone: Tone;
  /** Always shown beside the dot: colour alone tells nothing to many people. */
  readonly word: string;
  readonly pulse?: boolean;
}

export function StateDot({ tone, word, pulse = false }: StateDotProps) {
  return (
    <span className={classNames('state', `tone-${tone}`)}>
      <span className={classNames('state-dot', pulse && 'state-dot-pulse')} aria-hidden="true" />
      <span className="truncate" title={word}>
        {word}
      </span>
    </span>
  );
}
