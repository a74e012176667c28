import { Keyboard } from 'lucide-react';
import { IconButton } from '../components/icon-button.tsx';
import { Tooltip } from '../components/tooltip.tsx';
import { useServices, useUi } from '../store/services.ts';
import { VIEWS } from './views.ts';

export function Rail() {
  const { ui } = useServices();
  const view = useUi((state) => state.view);
  return (
    <nav className="rail" aria-label="Views">
      <img className="rail-mark" src="./icon.svg" alt="Comfy Ensemble" width={24} height={24} />
      {VIEWS.map((entry) => {
        const Icon = entry.icon;
        return (
          <Tooltip key={entry.view} text={entry.label} shortcut={`Alt+${entry.digit}`} side="right">
            <button
              type="button"
              className="rail-entry"
              aria-current={view === entry.view ? 'page' : undefined}
              onClick={() => ui.getState().navigate(entry.view)}
            >
              <Icon size={18} strokeWidth={1.6} aria-hidden="true" />
              <span>{entry.label}</span>
            </button>
          </Tooltip>
        );
      })}
      <span className="rail-foot">
        <IconButton
          label="Keyboard shortcuts"
          shortcut="?"
          icon={Keyboard}
          onClick={() => ui.getState().openDialog({ kind: 'shortcuts' })}
        />
      </span>
    </nav>
  );
}
