import type { ReactNode } from 'react';
import type { Tone } from '../../shared/condition.ts';
import { classNames } from './class-names.ts';

export interface ChipProps {
  readonly tone?: Tone;
  readonly children: ReactNode;
  readonly title?: string;
}

export function Chip({ tone = 'neutral', children, title }: ChipProps) {
  return (
    <span className={classNames('chip', `tone-${tone}`)} title={title}>
      {children}
    </span>
  );
}
