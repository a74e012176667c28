import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { urlOf } from '../../shared/address.ts';
import { MOST_SCANNED_PORTS, type PluginPlace, type ScannedPort } from '../../shared/discovery.ts';
import type { RemoteDraft } from '../../shared/remote.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/text-field.tsx';
import { Problem } from '../settings/problem.tsx';
import { useAttempt } from '../settings/use-attempt.ts';
import { useServices } from '../store/services.ts';
import { draftOfFound } from './agent-words.ts';
import './agents.css';

export interface MoreOnMachineProps {
  /** As typed; empty while nobody knows. */
  readonly host: string;
  /** Of the server that is being added. */
  readonly port: number;
}

interface Place {
  readonly key: string;
  readonly title: string;
  readonly more: string;
  /** null: there is nothing to be added. */
  readonly draft: RemoteDraft | null;
}

/** The other GPUs of a machine: the ports that a person names, or what the Distributed plugin there knows. */
export function MoreOnMachine({ host, port }: MoreOnMachineProps) {
  const { client, toasts } = useServices();
  const [ports, setPorts] = useState('8188-8195');
  const [places, setPlaces] = useState<readonly Place[] | null>(null);
  const [added, setAdded] = useState<ReadonlySet<string>>(new Set());
  const { busy, refusal, attempt } = useAttempt();
  const name = host.trim();
  const scan = (): Promise<void> =>
    attempt(async () => {
      setPlaces(null);
      setPlaces((await client.invoke('remote.scan', { host: name, ports })).map((one) => scanned(name, one)));
    });
  const ask = (): Promise<void> =>
    attempt(async () => {
      setPlaces(null);
      setPlaces((await client.invoke('remote.pluginWorkers', { host: name, port })).map(ofPlugin));
    });
  const add = ({ key, draft }: Place): Promise<void> =>
    attempt(async () => {
      if (draft === null) return;
      await client.invoke('remote.add', { draft });
      setAdded((before) => new Set([...before, key]));
      toasts.getState().show({ level: 'success', title: `${draft.name} was added`, detail: null });
    });
  return (
    <details className="more-on-machine">
      <summary>More GPUs on that machine</summary>
      <div className="more-body">
        <TextField
          label="Ports to look at"
          hint={`Of this one machine alone, at most ${MOST_SCANNED_PORTS}.`}
          value={ports}
          onChange={setPorts}
          code
        />
        <div className="more-buttons">
          <Button size="s" icon={Search} busy={busy} disabled={name === ''} onClick={() => void scan()}>
            Look at these ports
          </Button>
          <Button size="s" busy={busy} disabled={name === ''} onClick={() => void ask()}>
            Ask the Distributed plugin
          </Button>
        </div>
        {name === '' && <p className="field-hint">Enter the machine’s address first.</p>}
        <Problem refusal={refusal} />
        <div role="status">
          {places?.length === 0 && <p className="field-hint">It knows no workers.</p>}
          {places !== null && places.length > 0 && (
            <ul className="more-list" aria-label={`Found on ${name}`}>
              {places.map((place) => (
                <li key={place.key}>
                  <span className="found-words">
                    <strong className="mono">{place.title}</strong>
                    <span>{added.has(place.key) ? 'Added' : place.more}</span>
                  </span>
                  {place.draft !== null && !added.has(place.key) && (
                    <Button size="s" icon={Plus} disabled={busy} onClick={() => void add(place)}>
                      Add<span className="visually-hidden"> {place.title}</span>
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </details>
  );
}

function scanned(host: string, { port, status, version, gpu, reason, known }: ScannedPort): Place {
  const more = status === 'comfyui' ? [gpu, `ComfyUI ${version ?? ''}`.trim()] : [reason];
  return {
    key: String(port),
    title: `:${port}`,
    more: known ? 'A worker already' : more.filter((part) => part !== null).join(' · '),
    draft: status === 'comfyui' && !known ? draftOfFound({ name: `${host}:${port}`, host, port }) : null,
  };
}

function ofPlugin(place: PluginPlace): Place {
  const { name, host, port, secure, path, known } = place;
  const type = secure ? 'cloud' : 'remote';
  return {
    key: urlOf(place),
    title: name,
    more: known ? 'A worker already' : urlOf(place),
    draft: known ? null : { ...draftOfFound({ name, host, port }), type, secure, path },
  };
}
