import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ComfyInstall } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { Chip } from '../components/chip.tsx';
import type { FoundInstalls } from './use-comfyui.ts';

const SOURCES: Readonly<Record<ComfyInstall['source'], string>> = {
  settings: 'from the settings',
  environment: 'from COMFYUI_PATH',
  'usual-folder': 'in a usual folder',
  'windows-portable': 'Windows portable',
  'comfy-desktop': 'Comfy Desktop',
  picked: 'picked by you',
  simulated: 'simulated',
};

export interface InstallListProps {
  readonly installs: FoundInstalls;
  readonly currentRoot: string | null;
  readonly busy: boolean;
  readonly onUse: (install: ComfyInstall) => void;
}

/** What was found, and what was looked at and cannot be used, with the reason. */
export function InstallList({ installs, currentRoot, busy, onUse }: InstallListProps) {
  return (
    <ul className="installs">
      {installs.found.map((install) => (
        <li key={install.root} className="install tone-ok">
          <CircleCheck size={16} strokeWidth={1.8} role="img" aria-label="Usable" />
          <InstallWords install={install} />
          {install.root === currentRoot ? (
            <Chip tone="ok">In use</Chip>
          ) : (
            <Button
              size="s"
              disabled={busy}
              aria-label={`Use ${install.root}`}
              onClick={() => onUse(install)}
            >
              Use this one
            </Button>
          )}
        </li>
      ))}
      {installs.rejected.map((rejected) => (
        <li key={rejected.root} className="install tone-warning">
          <CircleAlert size={16} strokeWidth={1.8} role="img" aria-label="Not usable" />
          <div className="install-words">
            <p className="install-root">{rejected.root}</p>
            <p className="install-detail">{`${rejected.message} ${rejected.hint}`}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

export function InstallWords({ install }: { readonly install: ComfyInstall }) {
  const version = install.version === null ? 'ComfyUI of unknown version' : `ComfyUI ${install.version}`;
  return (
    <div className="install-words">
      <p className="install-root">{install.root}</p>
      <p className="install-detail">{`${version}, ${SOURCES[install.source]}, Python ${install.python}`}</p>
    </div>
  );
}
