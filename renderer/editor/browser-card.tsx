import { ExternalLink, Workflow } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { useServices } from '../store/services.ts';
import { openInBrowser } from './open-in-browser.ts';

const HERE = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** In a browser the page gets a tab of its own: framed here, code of custom nodes would sit inside the control center. */
export function BrowserCard({ url }: { readonly url: string }) {
  const services = useServices();
  const isElsewhere = HERE.test(new URL(url).hostname) && !HERE.test(window.location.hostname);
  return (
    <EmptyState
      icon={Workflow}
      title="ComfyUI’s page, every GPU behind it"
      text={
        <>
          What you queue there runs on the whole fleet, and all results come back to it. It opens in a tab of
          its own.
          {isElsewhere && ' Its address works on the machine on which Comfy Ensemble runs.'}
        </>
      }
      action={
        <Button variant="primary" icon={ExternalLink} onClick={() => void openInBrowser(services, url)}>
          Open in browser
        </Button>
      }
    />
  );
}
