import { CircleCheck, FolderOpen, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { ComfyInstall } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { Spinner } from '../components/spinner.tsx';
import { TextField } from '../components/text-field.tsx';
import { Problem } from '../settings/problem.tsx';
import { InstallList, InstallWords } from './install-list.tsx';
import type { ComfyuiHandle } from './use-comfyui.ts';
import './comfyui-picker.css';

export interface ComfyuiPickerProps {
  readonly handle: ComfyuiHandle;
  readonly currentRoot: string | null;
  readonly canPickFolders: boolean;
  readonly onUse: (install: ComfyInstall) => void;
}

/** Installs that were found, and a folder by hand: onboarding and settings share it. */
export function ComfyuiPicker({ handle, currentRoot, canPickFolders, onUse }: ComfyuiPickerProps) {
  const { installs, checked, task } = handle;
  const [root, setRoot] = useState('');
  const busy = task !== null;
  const check = (folder: string): void => {
    if (folder.trim() !== '') void handle.check(folder.trim());
  };
  return (
    <div className="comfyui-picker">
      <div className="comfyui-found">
        <p role="status">
          {task === 'finding' || installs === null ? (
            <>
              <Spinner /> Looking for ComfyUI on this machine…
            </>
          ) : (
            foundWords(installs.found.length)
          )}
        </p>
        <Button size="s" variant="ghost" icon={RefreshCw} disabled={busy} onClick={() => void handle.find()}>
          Look again
        </Button>
      </div>
      {installs !== null && (
        <InstallList installs={installs} currentRoot={currentRoot} busy={busy} onUse={onUse} />
      )}
      <form
        className="comfyui-folder"
        onSubmit={(event) => {
          event.preventDefault();
          check(root);
        }}
      >
        <TextField
          label="Another folder"
          code
          placeholder="The folder that holds ComfyUI’s main.py"
          value={root}
          onChange={setRoot}
        />
        {canPickFolders && (
          <Button
            icon={FolderOpen}
            disabled={busy}
            onClick={async () => {
              const picked = await handle.pick();
              if (picked === null) return;
              setRoot(picked);
              check(picked);
            }}
          >
            Pick folder
          </Button>
        )}
        <Button type="submit" busy={task === 'checking'} disabled={busy || root.trim() === ''}>
          Check
        </Button>
      </form>
      <Problem refusal={handle.refusal} />
      {checked !== null && (
        <div className="install tone-ok" role="status">
          <CircleCheck size={16} strokeWidth={1.8} aria-hidden="true" />
          <InstallWords install={checked} />
          <Button
            size="s"
            variant="primary"
            busy={task === 'using'}
            disabled={busy}
            onClick={() => onUse(checked)}
          >
            Use this folder
          </Button>
        </div>
      )}
    </div>
  );
}

function foundWords(count: number): string {
  if (count === 0) return 'No usable ComfyUI was found in the usual places.';
  return count === 1 ? 'One ComfyUI was found.' : `${count} ComfyUI folders were found.`;
}
