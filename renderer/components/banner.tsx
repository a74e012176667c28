import type { ReactNode } from 'react';
import type { Tone } from '../../shared/condition.ts';
import { classNames } from './class-names.ts';

export interface BannerProps {
  readonly tone: Tone;
  readonly title: string;
  readonly text?: ReactNode;
  readonly action?: ReactNode;
}

export function Banner({ tone, title, text, action }: BannerProps) {
  return (
    <div className={classNames('banner', `tone-${tone}`)}>
      <span className="state-dot" aria-hidden="true" />
      <p>
        <strong>{title}</strong>
        {text !== undefined && <span> {text}</span>}
      </p>
      {action}
    </div>
  );
}
