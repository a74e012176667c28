import { type ReactNode, useState } from 'react';
import { Banners } from './layout/banners.tsx';
import { Dialogs } from './layout/dialogs.tsx';
import { DropTarget } from './layout/drop-target.tsx';
import './layout/layout.css';
import { LayerContext } from './components/layer.ts';
import { TooltipProvider } from './components/tooltip.tsx';
import { EditorView } from './editor/editor-view.tsx';
import { FleetView } from './fleet/fleet-view.tsx';
import { GalleryView } from './gallery/gallery-view.tsx';
import { LiveRegion } from './layout/live-region.tsx';
import { Rail } from './layout/rail.tsx';
import { TopBar } from './layout/top-bar.tsx';
import { useAppShortcuts } from './layout/use-app-shortcuts.ts';
import { useTheme } from './layout/use-theme.ts';
import { LogsView } from './logs/logs-view.tsx';
import { Toasts } from './notifications/toasts.tsx';
import { Onboarding } from './onboarding/onboarding.tsx';
import { RunsView } from './runs/runs-view.tsx';
import { SettingsView } from './settings/settings-view.tsx';
import { useFleet, useUi } from './store/services.ts';
import type { View } from './store/ui-store.ts';

const VIEW_COMPONENTS: Readonly<Record<View, () => ReactNode>> = {
  fleet: FleetView,
  runs: RunsView,
  gallery: GalleryView,
  editor: EditorView,
  logs: LogsView,
  settings: SettingsView,
};

export function App() {
  useTheme();
  useAppShortcuts();
  const known = useFleet((state) => state.fleet !== null);
  // Menus and tooltips float in here, so that they belong to a landmark.
  const [layer, setLayer] = useState<HTMLElement | null>(null);
  return (
    <TooltipProvider>
      <LayerContext.Provider value={layer}>
        <div className="app">
          <Rail />
          <TopBar />
          <div className="content">
            <Banners />
            <main className="view" ref={setLayer}>
              {known ? <CurrentView /> : <Waiting />}
            </main>
          </div>
        </div>
        {known && <Onboarding />}
        <Dialogs />
        <DropTarget />
        <Toasts />
        <LiveRegion />
      </LayerContext.Provider>
    </TooltipProvider>
  );
}

function CurrentView() {
  const View = VIEW_COMPONENTS[useUi((state) => state.view)];
  return <View />;
}

function Waiting() {
  return (
    <p className="waiting" role="status">
      Connecting to the control center…
    </p>
  );
}
