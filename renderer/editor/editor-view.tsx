import { ExternalLink, RefreshCw, Unplug } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet, useRun, useServices } from '../store/services.ts';
import { BrowserCard } from './browser-card.tsx';
import './editor.css';
import { EditorPane } from './editor-pane.tsx';
import { MasterNotice } from './master-notice.tsx';
import { openInBrowser } from './open-in-browser.ts';
import { useGatewayUrl } from './use-gateway-url.ts';

/** The ComfyUI page of the whole fleet: in the window itself on the desktop, one click away in a browser. */
export function EditorView() {
  const { desktop } = useServices();
  const url = useGatewayUrl();
  const master = useFleet((state) => selectInstances(state).find(({ role }) => role === 'master') ?? null);
  if (url === undefined) return <p className="waiting">Looking for the fleet’s ComfyUI address…</p>;
  if (url === null) return <NoAddress />;
  return (
    <section className="editor" aria-labelledby="editor-title">
      <EditorHeader url={url} />
      <MasterNotice master={master} />
      {desktop ? (
        <EditorPane key={url} url={url} isServed={master?.link.status === 'up'} />
      ) : (
        <BrowserCard url={url} />
      )}
    </section>
  );
}

function EditorHeader({ url }: { readonly url: string }) {
  const services = useServices();
  const run = useRun();
  return (
    <header className="editor-header">
      <h1 id="editor-title">Editor</h1>
      <code className="editor-address">{url}</code>
      <CopyButton label="Copy address" text={() => url} />
      {services.desktop && (
        <>
          <Button size="s" icon={RefreshCw} onClick={() => void run('editor.reload', {})}>
            Reload
          </Button>
          <Button size="s" icon={ExternalLink} onClick={() => void openInBrowser(services, url)}>
            Open in browser
          </Button>
        </>
      )}
    </header>
  );
}

function NoAddress() {
  const { ui } = useServices();
  return (
    <>
      <h1 className="visually-hidden">Editor</h1>
      <EmptyState
        icon={Unplug}
        title="The fleet has no ComfyUI address"
        text="The notifications say why: another program may have its port, or the fleet is not set up yet."
        action={<Button onClick={() => ui.getState().toggleNotifications(true)}>Show notifications</Button>}
      />
    </>
  );
}
