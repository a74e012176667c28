import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { useFleet, useRun, useServices } from '../store/services.ts';

/** What concerns the whole fleet and stays until it is mended. */
export function Banners() {
  const connected = useFleet((state) => state.connected);
  return (
    <section className="banners" aria-label="What concerns the whole fleet">
      {!connected && (
        <Banner
          tone="error"
          title="Connection lost."
          text="What you see may be old; reconnecting to the control center…"
        />
      )}
      <DemoBanner />
      <GpuBanner />
    </section>
  );
}

function DemoBanner() {
  const { ui } = useServices();
  const demo = useFleet((state) => state.fleet?.setup.status === 'demo');
  if (!demo) return null;
  return (
    <Banner
      tone="warning"
      title="Demo fleet (simulated)"
      text="These GPUs and servers are make-believe: try everything, nothing can break."
      action={
        <Button size="s" onClick={() => ui.getState().openDialog({ kind: 'onboarding' })}>
          Set up real ComfyUI
        </Button>
      }
    />
  );
}

function GpuBanner() {
  const run = useRun();
  const inventory = useFleet((state) => state.fleet?.gpuInventory);
  if (inventory?.status !== 'unavailable') return null;
  return (
    <Banner
      tone="warning"
      title={inventory.message}
      text={inventory.hint}
      action={
        <Button size="s" onClick={() => void run('gpus.rescan', {})}>
          Look again
        </Button>
      }
    />
  );
}
