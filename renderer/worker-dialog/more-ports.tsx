import { Search } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import { TextField } from '../components/text-field.tsx';
import { isFree, portWords } from './port-words.ts';
import type { MorePortsHandle } from './use-more-ports.ts';

/** The other GPUs of a machine: one ComfyUI each, on ports that the person names. */
export function MorePorts({ ports }: { readonly ports: MorePortsHandle }) {
  const { text, found, chosen, refusal } = ports;
  return (
    <section className="more-ports" aria-labelledby="more-ports-title">
      <h3 id="more-ports-title">Other GPUs of this machine</h3>
      <div className="more-ports-ask">
        <TextField
          label="More ports"
          code
          placeholder="8189-8191"
          hint="Only these ports of this machine are asked."
          problem={refusal === null ? null : refusal.message}
          value={text}
          onChange={ports.setText}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            // Enter asks here, and does not add yet.
            event.preventDefault();
            if (text.trim() !== '') ports.look();
          }}
        />
        <Button icon={Search} busy={ports.busy} disabled={text.trim() === ''} onClick={ports.look}>
          Look
        </Button>
      </div>
      <div role="status">
        {found !== null && (
          <ul className="more-ports-found">
            {found.map((one) => (
              <li key={one.port}>
                <Checkbox
                  label={<span className="mono">{one.port}</span>}
                  checked={chosen.includes(one.port)}
                  disabled={!isFree(one)}
                  onChange={(wanted) => ports.choose(one.port, wanted)}
                />
                <span>{portWords(one)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
