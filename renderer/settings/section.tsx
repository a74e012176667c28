import type { ReactNode } from 'react';

export interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly text?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ id, title, text, aside, children }: SectionProps) {
  return (
    <section className="settings-section" id={`settings-${id}`} aria-labelledby={`settings-${id}-title`}>
      <header>
        <h2 id={`settings-${id}-title`} tabIndex={-1}>
          {title}
        </h2>
        {aside}
      </header>
      {text !== undefined && <p className="settings-lead">{text}</p>}
      <div className="settings-body">{children}</div>
    </section>
  );
}
