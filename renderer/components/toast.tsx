import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import type { Notice, NoticeLevel } from '../../shared/model.ts';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import { IconButton } from './icon-button.tsx';

const ICONS = { info: Info, success: CircleCheck, warning: TriangleAlert, error: CircleAlert };

export interface ToastProps extends Pick<Notice, 'title' | 'detail'> {
  readonly level: NoticeLevel;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly onDismiss: () => void;
}

/** One toast; the list of them, which is also what speaks them, lives in renderer/notifications. */
export function Toast({ level, title, detail, action, onDismiss }: ToastProps) {
  const Icon = ICONS[level];
  return (
    <div className={classNames('toast', `toast-${level}`)}>
      <Icon size={16} strokeWidth={1.8} aria-hidden="true" />
      <div className="toast-words">
        <p className="toast-title">{title}</p>
        {detail !== null && <p className="toast-detail">{detail}</p>}
      </div>
      {action && (
        <Button
          size="s"
          variant="ghost"
          onClick={() => {
            onDismiss();
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton size="s" label="Dismiss" icon={X} onClick={onDismiss} />
    </div>
  );
}
