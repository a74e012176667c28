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
  const busy = task !== null;
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
      <FolderForm handle={handle} canPickFolders={canPickFolders} />
      <Problem refusal={handle.refusal} />
      {checked !== null && <CheckedInstall install={checked} task={task} onUse={onUse} />}
    </div>
  );
}

function FolderForm({ handle, canPickFolders }: Pick<ComfyuiPickerProps, 'handle' | 'canPickFolders'>) {
  const [root, setRoot] = useState('');
  const busy = handle.task !== null;
  const check = (folder: string): void => {
    if (folder.trim() !== '') void handle.check(folder.trim());
  };
  const pick = async (): Promise<void> => {
    const picked = await handle.pick();
    if (picked === null) return;
    setRoot(picked);
    check(picked);
  };
  return (
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
        <Button icon={FolderOpen} disabled={busy} onClick={() => void pick()}>
          Pick folder
        </Button>
      )}
      <Button type="submit" busy={handle.task === 'checking'} disabled={busy || root.trim() === ''}>
        Check
      </Button>
    </form>
  );
}

interface CheckedInstallProps {
  readonly install: ComfyInstall;
  readonly task: ComfyuiHandle['task'];
  readonly onUse: (install: ComfyInstall) => void;
}

function CheckedInstall({ install, task, onUse }: CheckedInstallProps) {
  return (
    <div className="install tone-ok" role="status">
      <CircleCheck size={16} strokeWidth={1.8} aria-hidden="true" />
      <InstallWords install={install} />
      <Button
        size="s"
        variant="primary"
        busy={task === 'using'}
        disabled={task !== null}
        onClick={() => onUse(install)}
      >
        Use this folder
      </Button>
    </div>
  );
}

function foundWords(count: number): string {
  if (count === 0) return 'No usable ComfyUI was found in the usual places.';
  return count === 1 ? 'One ComfyUI was found.' : `${count} ComfyUI folders were found.`;
}
