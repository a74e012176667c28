import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

export interface EmptyStateProps {
  readonly icon?: LucideIcon;
  readonly title: string;
  /** One sentence that teaches. */
  readonly text: ReactNode;
  /** One button. */
  readonly action?: ReactNode;
}

export function EmptyState({ icon: Icon, title, text, action }: EmptyStateProps) {
  return (
    <div className="empty-state">
      {Icon && <Icon size={28} strokeWidth={1.4} aria-hidden="true" />}
      <h2>{title}</h2>
      <p>{text}</p>
      {action}
    </div>
  );
}
