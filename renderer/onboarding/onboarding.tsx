import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import { FIRST_WORKER_PORT } from '../../shared/settings.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../settings/problem.tsx';
import { useClient, useFleet, useServices, useUi } from '../store/services.ts';
import { useSystemInfo } from '../store/use-system-info.ts';
import { ComfyuiPicker } from './comfyui-picker.tsx';
import './onboarding.css';
import { useComfyui } from './use-comfyui.ts';

/** As many as make every kind of card visible. */
const DEMO_GPUS = 4;

/** Opens by itself where no ComfyUI is known, and from the demo's banner. */
export function Onboarding() {
  const { ui } = useServices();
  const asked = useUi((state) => state.dialog?.kind === 'onboarding');
  const status = useFleet((state) => state.fleet?.setup.status ?? 'searching');
  const [dismissed, setDismissed] = useState(false);
  if (!asked && (status !== 'no-comfyui' || dismissed)) return null;
  return (
    <OnboardingDialog
      demo={status === 'demo'}
      onClose={() => {
        setDismissed(true);
        if (asked) ui.getState().closeDialog();
      }}
    />
  );
}

function OnboardingDialog({ demo, onClose }: { readonly demo: boolean; readonly onClose: () => void }) {
  const client = useClient();
  const handle = useComfyui();
  const info = useSystemInfo();
  const gpus = useFleet((state) => state.fleet?.gpus.filter((gpu) => !gpu.simulated).length ?? 0);
  const [startingDemo, setStartingDemo] = useState(false);
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const explore = async (): Promise<void> => {
    setStartingDemo(true);
    try {
      await client.invoke('demo.start', { gpus: DEMO_GPUS });
      onClose();
    } catch (error) {
      setRefusal(toEnvelope(error));
      setStartingDemo(false);
    }
  };
  return (
    <Dialog
      size="m"
      title="Every GPU you have, as one ComfyUI"
      description="Comfy Ensemble runs the ComfyUI that you already have, once per GPU. Nothing is installed into it."
      onClose={onClose}
      footer={
        <Button icon={FlaskConical} busy={startingDemo} onClick={demo ? onClose : () => void explore()}>
          {demo ? 'Go on exploring the demo' : 'Explore the demo fleet'}
        </Button>
      }
    >
      <ol className="onboarding-steps">
        <li>
          <h3>Choose your ComfyUI</h3>
          <p>Its folder is only read: each server gets output, temporary and database folders of its own.</p>
          <ComfyuiPicker
            handle={handle}
            currentRoot={null}
            canPickFolders={info?.canPickFolders ?? false}
            onUse={async (install) => {
              if (await handle.use(install)) onClose();
            }}
          />
        </li>
        <li>
          <h3>The fleet is made</h3>
          <p>{fleetWords(gpus)}</p>
        </li>
        <li>
          <h3>Render</h3>
          <p>Once a card says Ready, queue a test picture on it or open its ComfyUI page.</p>
        </li>
      </ol>
      <Problem refusal={refusal} />
    </Dialog>
  );
}

function fleetWords(gpus: number): string {
  const master = 'The master starts on GPU 0 at port 8188, or is the ComfyUI that already answers there';
  const ports = `ports from ${FIRST_WORKER_PORT}`;
  if (gpus === 1) return `${master}. With one GPU there are no workers yet; you can add some.`;
  const workers = gpus > 1 ? `${gpus - 1} more GPU${gpus > 2 ? 's' : ''}` : 'every other GPU';
  return `${master}; one worker is made for ${workers}, at ${ports}.`;
}
