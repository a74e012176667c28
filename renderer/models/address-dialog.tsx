import { type FormEvent, useId, useState } from 'react';
import type { NamedModel } from '../../shared/models.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/text-field.tsx';
import { useAttempt } from '../settings/use-attempt.ts';
import { useClient } from '../store/services.ts';

export interface AddressDialogProps {
  readonly model: NamedModel;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

/** Where one model can be downloaded; remembered for every workflow that names it. */
export function AddressDialog({ model, onSaved, onClose }: AddressDialogProps) {
  const client = useClient();
  const form = useId();
  const [url, setUrl] = useState(model.url?.url ?? '');
  const [folder, setFolder] = useState(model.folder ?? '');
  const { busy, refusal, attempt } = useAttempt();
  const remember = (next: string | null): Promise<void> =>
    attempt(async () => {
      await client.invoke('models.rememberUrl', { folder: folder.trim(), name: model.name, url: next });
      onSaved();
      onClose();
    });
  const isWhole = url.trim() !== '' && folder.trim() !== '';
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (isWhole) void remember(url.trim());
  };
  const message = refusal === null ? null : `${refusal.message} ${refusal.hint ?? ''}`.trim();
  const isOfFolder = refusal?.problems.some(({ field }) => field === 'name' || field === 'folder') ?? false;
  return (
    <Dialog
      size="s"
      title="Where it can be downloaded"
      description={model.name}
      onClose={onClose}
      footer={
        <>
          {model.url?.from === 'person' && (
            <Button className="models-forget" disabled={busy} onClick={() => void remember(null)}>
              Forget it
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={busy} disabled={!isWhole}>
            Remember
          </Button>
        </>
      }
    >
      <form id={form} className="models-address-form" onSubmit={onSubmit}>
        <TextField
          label="Address of the file"
          code
          data-autofocus=""
          placeholder="https://…"
          value={url}
          hint={
            model.urlProblem ??
            'The link of the file itself. Tokens do not belong here: the script takes them from the environment.'
          }
          problem={isOfFolder ? null : message}
          onChange={setUrl}
        />
        {model.folder === null && (
          <TextField
            label="Folder"
            code
            placeholder="checkpoints"
            hint="Below “models”, where the node looks for it."
            value={folder}
            problem={isOfFolder ? message : null}
            onChange={setFolder}
          />
        )}
      </form>
    </Dialog>
  );
}
