import { conditionOf } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { useRun, useServices } from '../store/services.ts';

/** The page itself, its settings and its saved workflows come from the master. */
export function MasterNotice({ master }: { readonly master: InstanceSnapshot | null }) {
  const run = useRun();
  const { ui } = useServices();
  if (master === null || master.link.status === 'up') return null;
  const { word, tone, actions } = conditionOf(master, Date.now());
  const isOnItsWay =
    tone === 'busy' || (master.link.status === 'unknown' && master.process.status === 'ready');
  return (
    <Banner
      tone={isOnItsWay ? 'busy' : 'warning'}
      title={`${master.name}: ${word}.`}
      text="It serves the ComfyUI page, its settings and its saved workflows."
      action={
        actions.includes('launch') ? (
          <Button size="s" onClick={() => void run('instance.start', { id: master.id })}>
            Launch {master.name}
          </Button>
        ) : (
          <Button size="s" onClick={() => ui.getState().showLogs(master.id)}>
            Show log
          </Button>
        )
      }
    />
  );
}
