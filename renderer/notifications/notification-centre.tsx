import { Bell, BellOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { useServices, useUi } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';
import './notifications.css';
import { NoticeItem } from './notice-item.tsx';
import { unreadCount } from './notices.ts';
import { type NoticesHandle, useNotices } from './use-notices.ts';

/** The bell with its count of unread notices, and the panel that it opens. Belongs into the top bar. */
export function NotificationCentre() {
  const { ui } = useServices();
  const open = useUi((state) => state.notifications);
  const handle = useNotices();
  const frame = useRef<HTMLDivElement>(null);
  const unread = unreadCount(handle.notices);
  useEffect(() => {
    if (open && unread > 0) handle.markSeen();
  });
  useEffect(
    () => (open ? closeFromOutside(frame.current, ui.getState().toggleNotifications) : undefined),
    [open, ui],
  );
  return (
    <div className="notification-centre" ref={frame}>
      <IconButton
        label={unread === 0 ? 'Notifications' : `Notifications (${unread} unread)`}
        icon={Bell}
        aria-expanded={open}
        aria-controls={open ? 'notification-panel' : undefined}
        onClick={() => ui.getState().toggleNotifications()}
      />
      {unread > 0 && (
        <span className="notification-count" aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
      {open && <Panel handle={handle} />}
    </div>
  );
}

function Panel({ handle }: { readonly handle: NoticesHandle }) {
  const { ui } = useServices();
  const now = useNow(10_000);
  const { list } = handle.notices;
  return (
    <section id="notification-panel" className="notification-panel" aria-label="Notifications">
      <header className="notification-header">
        <h2>Notifications</h2>
        {list.length > 0 && (
          <Button size="s" variant="ghost" onClick={() => void handle.clear()}>
            Clear all
          </Button>
        )}
      </header>
      {list.length === 0 ? (
        <EmptyState
          icon={BellOff}
          title="Nothing to report"
          text="Crashes, restarts, lost GPUs and other events of the fleet are listed here."
        />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard.
        <ul className="notification-list" tabIndex={0} aria-label="Events, newest first">
          {list.map((notice) => (
            <NoticeItem
              key={`${notice.at}-${notice.id}`}
              notice={notice}
              now={now}
              onJump={() => ui.getState().toggleNotifications(false)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Escape closes and gives the focus back to the bell; so does a press anywhere else, which keeps its own focus. */
function closeFromOutside(frame: HTMLElement | null, toggle: (open: boolean) => void): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || document.querySelector('dialog[open]') !== null) return;
    toggle(false);
    frame?.querySelector('button')?.focus();
  };
  const onPress = (event: MouseEvent): void => {
    if (event.target instanceof Node && frame?.contains(event.target) === false) toggle(false);
  };
  window.addEventListener('keydown', onKey);
  window.addEventListener('mousedown', onPress);
  return () => {
    window.removeEventListener('keydown', onKey);
    window.removeEventListener('mousedown', onPress);
  };
}
