import { useRef, useState } from 'react';
import type { ScannedPort } from '../../shared/discovery.ts';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import { useClient } from '../store/services.ts';
import { isFree } from './port-words.ts';

export interface MorePortsHandle {
  /** As typed, e.g. "8189-8191". */
  readonly text: string;
  readonly setText: (text: string) => void;
  /** null before the first look at this host. */
  readonly found: readonly ScannedPort[] | null;
  readonly chosen: readonly number[];
  readonly choose: (port: number, chosen: boolean) => void;
  readonly busy: boolean;
  readonly refusal: ErrorEnvelope | null;
  readonly look: () => void;
}

interface Looked {
  readonly host: string;
  readonly found: readonly ScannedPort[];
  readonly chosen: readonly number[];
}

/**
 * Asks the ports that a person names, on the one machine of the form.
 * @param port its own, which is asked for already
 */
export function useMorePorts(host: string, port: number | null): MorePortsHandle {
  const client = useClient();
  const [text, setText] = useState('');
  const [looked, setLooked] = useState<Looked | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const latest = useRef(0);
  const current = looked?.host === host ? looked : null;
  const scan = async (): Promise<void> => {
    latest.current += 1;
    const turn = latest.current;
    setBusy(true);
    setRefusal(null);
    try {
      const found = await client.invoke('remote.scan', { host, ports: text });
      if (turn === latest.current)
        setLooked({ host, found, chosen: found.filter(isFree).map((one) => one.port) });
    } catch (error) {
      if (turn === latest.current) setRefusal(toEnvelope(error));
    }
    if (turn === latest.current) setBusy(false);
  };
  return {
    text,
    setText(next) {
      setRefusal(null);
      setText(next);
    },
    found: current?.found.filter((one) => one.port !== port) ?? null,
    chosen: current?.chosen.filter((one) => one !== port) ?? [],
    choose(one, wanted) {
      if (current === null) return;
      const rest = current.chosen.filter((other) => other !== one);
      setLooked({ ...current, chosen: wanted ? [...rest, one].sort((a, b) => a - b) : rest });
    },
    busy,
    refusal,
    look: () => void scan(),
  };
}
