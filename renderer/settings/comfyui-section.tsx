import { useState } from 'react';
import type { SystemInfo } from '../../shared/contract.ts';
import { isAlive } from '../../shared/lifecycle.ts';
import type { ComfyInstall } from '../../shared/model.ts';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { ComfyuiPicker } from '../onboarding/comfyui-picker.tsx';
import { useComfyui } from '../onboarding/use-comfyui.ts';
import { selectInstances } from '../store/selectors.ts';
import { useFleet, useServices } from '../store/services.ts';
import { Section } from './section.tsx';

export function ComfyuiSection({ info }: { readonly info: SystemInfo | null }) {
  const { toasts } = useServices();
  const handle = useComfyui();
  const setup = useFleet((state) => state.fleet?.setup);
  const instances = useFleet(selectInstances);
  const [chosen, setChosen] = useState<ComfyInstall | null>(null);
  const running = instances.some((instance) => isAlive(instance.process));
  const use = async (install: ComfyInstall): Promise<void> => {
    if (!(await handle.use(install))) return;
    toasts.getState().show({ level: 'success', title: 'The fleet uses this ComfyUI', detail: install.root });
  };
  return (
    <Section
      id="comfyui"
      title="ComfyUI"
      text="All local servers run from one ComfyUI folder and share its models and input."
    >
      <ComfyuiPicker
        handle={handle}
        currentRoot={setup?.status === 'configured' ? setup.install.root : null}
        canPickFolders={info?.canPickFolders ?? false}
        onUse={(install) => (running ? setChosen(install) : void use(install))}
      />
      {chosen !== null && (
        <ConfirmDialog
          title="Use another ComfyUI?"
          consequence={
            setup?.status === 'demo'
              ? 'The demo fleet ends and the fleet of this machine takes its place.'
              : 'Running servers are stopped, and what they work on is lost; they start again from the other folder.'
          }
          confirmLabel="Use it"
          onConfirm={() => void use(chosen)}
          onClose={() => setChosen(null)}
        />
      )}
    </Section>
  );
}
