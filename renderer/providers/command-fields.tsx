import type { CommandProviderSettings } from '../../shared/providers.ts';
import { TextField } from '../components/text-field.tsx';
import { PriceField } from './number-fields.tsx';
import type { KindFieldsProps } from './provider-dialog.tsx';

export function CommandFields({ draft, problemOf, onChange }: KindFieldsProps<CommandProviderSettings>) {
  return (
    <>
      <TextField
        label="Start command"
        hint="Prints the URL alone on a line, then ends or goes on for as long as the worker lives. It is told ENSEMBLE_KEY, ENSEMBLE_NAME and ENSEMBLE_TTL_SECONDS; the same key stands for the same worker."
        code
        placeholder="/home/me/start-worker.sh --gpus L4"
        value={draft.start}
        problem={problemOf('start')}
        onChange={(start) => onChange({ ...draft, start })}
      />
      <TextField
        label="Stop command"
        hint="Ends the worker of ENSEMBLE_KEY; exit code 0 means that nothing of it costs any more."
        code
        placeholder="/home/me/stop-worker.sh"
        value={draft.stop}
        problem={problemOf('stop')}
        onChange={(stop) => onChange({ ...draft, stop })}
      />
      <TextField
        label="List command"
        hint="Optional. Prints “KEY URL” a line for each worker that is there: so are forgotten ones found."
        code
        value={draft.list}
        problem={problemOf('list')}
        onChange={(list) => onChange({ ...draft, list })}
      />
      <PriceField
        label="Price per hour, $"
        hint="Nobody else knows it; limits count with it."
        value={draft.pricePerHour}
        onChange={(pricePerHour) => onChange({ ...draft, pricePerHour })}
      />
    </>
  );
}
