import { StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import type { EnsembleBridge } from '../shared/ipc.ts';
import { App } from './app.tsx';
import { createIpcClient } from './client/ipc-client.ts';
import { createWebClient } from './client/web-client.ts';
import { applyTheme } from './layout/use-theme.ts';
import { createServices, ServicesContext } from './store/services.ts';
import './styles/tokens.css';
import './styles/base.css';
import './components/components.css';
import { SignedOut } from './layout/signed-out.tsx';

/** Composition root: picks the client, mounts the application. */
function mount(root: Root): void {
  const bridge = (window as { readonly ensemble?: EnsembleBridge }).ensemble;
  const origin = window.location.origin;
  const client =
    bridge === undefined
      ? createWebClient({ origin, onSignedOut: () => root.render(<SignedOut />) })
      : createIpcClient(bridge, origin);
  const services = createServices(client, bridge !== undefined);
  root.render(
    <StrictMode>
      <ServicesContext.Provider value={services}>
        <App />
      </ServicesContext.Provider>
    </StrictMode>,
  );
}

applyTheme('system');
const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no #root.');
mount(createRoot(container));
