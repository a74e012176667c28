import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { Notice } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { formatAgo } from '../store/format.ts';
import { useFleet, useServices } from '../store/services.ts';

const ICONS = { info: Info, success: CircleCheck, warning: TriangleAlert, error: CircleAlert };
const WORDS = { info: 'Information', success: 'Success', warning: 'Warning', error: 'Error' };
const TONES = { info: 'busy', success: 'ok', warning: 'warning', error: 'error' };

export interface NoticeItemProps {
  readonly notice: Notice;
  readonly now: number;
  readonly onJump: () => void;
}

export function NoticeItem({ notice, now, onJump }: NoticeItemProps) {
  const { ui } = useServices();
  const { instanceId } = notice;
  const instance = useFleet((state) => state.fleet?.instances.find(({ id }) => id === instanceId));
  const Icon = ICONS[notice.level];
  return (
    <li className={`notice tone-${TONES[notice.level]}`}>
      <Icon size={16} strokeWidth={1.8} role="img" aria-label={WORDS[notice.level]} />
      <div className="notice-words">
        <p className="notice-title">{notice.title}</p>
        {notice.detail !== null && <p className="notice-detail">{notice.detail}</p>}
        <p className="notice-foot">
          <time dateTime={new Date(notice.at).toISOString()} title={new Date(notice.at).toLocaleString()}>
            {formatAgo(notice.at, now)}
          </time>
          {instance !== undefined && (
            <Button
              size="s"
              variant="ghost"
              onClick={() => {
                onJump();
                ui.getState().showLogs(instance.id);
              }}
            >
              {`Log of ${instance.name}`}
            </Button>
          )}
        </p>
      </div>
    </li>
  );
}
