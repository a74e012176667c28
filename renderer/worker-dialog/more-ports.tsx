import { Search } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import { TextField } from '../components/text-field.tsx';
import type { MorePortsHandle } from './use-more-ports.ts';

/** The other GPUs of a machine: one ComfyUI each, on ports that the person names or that the plugin there knows. */
export function MorePorts({ ports }: { readonly ports: MorePortsHandle }) {
  const { text, refusal } = ports;
  return (
    <section className="more-ports" aria-labelledby="more-ports-title">
      <h3 id="more-ports-title">Other GPUs of this machine</h3>
      <div className="more-ports-ask">
        <TextField
          label="More ports"
          code
          placeholder="8189-8191"
          hint="Only these ports of this machine are asked."
          problem={refusal?.message ?? null}
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
      <Button size="s" disabled={ports.busy} onClick={ports.askPlugin}>
        Ask ComfyUI-Distributed there for its workers
      </Button>
      <div role="status">
        <Found ports={ports} />
      </div>
    </section>
  );
}

function Found({ ports: { found, chosen, choose } }: { readonly ports: MorePortsHandle }) {
  if (found === null) return null;
  if (found.length === 0) return <p className="field-hint">There is no other one.</p>;
  return (
    <ul className="more-ports-found">
      {found.map((one) => (
        <li key={one.key}>
          <Checkbox
            label={<span className="mono">{one.label}</span>}
            checked={chosen.includes(one)}
            disabled={!one.free}
            onChange={(wanted) => choose(one, wanted)}
          />
          <span>{one.words}</span>
        </li>
      ))}
    </ul>
  );
}
