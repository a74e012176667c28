import { useRef } from 'react';
import type { FieldProblem } from '../../shared/errors.ts';
import type { RemoteType } from '../../shared/remote.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/text-field.tsx';
import { Toggle } from '../components/toggle.tsx';
import { otherType, type RemoteForm, withAddress, withPlace } from './remote-form.ts';
import { remoteProblem } from './remote-reading.ts';

export interface RemoteFieldsProps {
  readonly form: RemoteForm;
  /** In the order in which they count. */
  readonly problems: readonly (readonly FieldProblem[])[];
  /** Names of the other instances. */
  readonly taken: readonly string[];
  /** A paste has just moved the form to this tab. */
  readonly moved: boolean;
  readonly onChange: (change: (form: RemoteForm) => RemoteForm) => void;
  readonly onType: (type: RemoteType, moved: boolean) => void;
}

export function RemoteFields(props: RemoteFieldsProps) {
  const { form, problems, taken, onChange } = props;
  return (
    <div className="worker-fields">
      <AddressField {...props} />
      <div className="worker-wide">
        <TextField
          label="Name"
          value={form.name}
          problem={form.host === '' ? null : remoteProblem('name', ...problems)}
          onChange={(name) => onChange((before) => ({ ...before, name, named: name !== '' }))}
        />
      </div>
      <TextField
        label="Host"
        code
        inputMode="url"
        value={form.host}
        problem={form.address.trim() === '' ? null : remoteProblem('host', ...problems)}
        onChange={(host) => onChange((before) => withPlace(before, { host }, taken))}
      />
      <TextField
        label="Port"
        code
        inputMode="numeric"
        value={form.port}
        problem={remoteProblem('port', ...problems)}
        onChange={(port) => onChange((before) => withPlace(before, { port }, taken))}
      />
      <TextField
        label="Path"
        code
        placeholder="none"
        value={form.path}
        problem={remoteProblem('path', ...problems)}
        onChange={(path) => onChange((before) => withPlace(before, { path }, taken))}
      />
      <div className="worker-secure">
        <Toggle
          label="https"
          checked={form.secure}
          onChange={(secure) => onChange((before) => withPlace(before, { secure }, taken))}
        />
      </div>
    </div>
  );
}

const EXAMPLES: Readonly<Record<RemoteType, string>> = {
  remote: '192.168.1.20:8188',
  cloud: 'wcegfo9tbbml9l-8188.proxy.runpod.net',
};

function AddressField({ form, problems, taken, moved, onChange, onType }: RemoteFieldsProps) {
  const pasted = useRef(false);
  const other = otherType(form);
  const set = (address: string): void => {
    const next = withAddress(form, address, taken);
    const elsewhere = pasted.current ? otherType(next) : null;
    pasted.current = false;
    onChange((before) => withAddress(before, address, taken));
    if (elsewhere !== null) onType(elsewhere, true);
  };
  return (
    <div className="worker-wide">
      <TextField
        label="Address"
        code
        autoFocus={moved}
        placeholder={EXAMPLES[form.type]}
        hint="Paste what you have: a URL, host:port, or a line that ComfyUI printed."
        value={form.address}
        problem={remoteProblem('address', ...problems)}
        onPaste={() => {
          pasted.current = true;
        }}
        onChange={set}
      />
      <div role="status">
        {moved && other === null && <p className="worker-offer">{MOVED[form.type]}</p>}
        {other !== null && (
          <p className="worker-offer">
            {OFFERS[other]}{' '}
            <Button size="s" onClick={() => onType(other, true)}>
              Switch to {other === 'cloud' ? 'Cloud' : 'Remote'}
            </Button>
          </p>
        )}
      </div>
    </div>
  );
}

const MOVED: Readonly<Record<RemoteType, string>> = {
  cloud: 'Taken as a cloud worker: such an address is reached over https.',
  remote: 'Taken as a remote worker: such an address is reached over plain http.',
};

const OFFERS: Readonly<Record<RemoteType, string>> = {
  cloud: 'Reached over https, as workers in the cloud are.',
  remote: 'Reached over plain http, as workers in your network are.',
};
