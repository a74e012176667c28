import { useRef, useState } from 'react';
import { urlOf } from '../../shared/address.ts';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import { useClient } from '../store/services.ts';
import { type Candidate, candidatesOfPlugin, candidatesOfPorts } from './port-words.ts';

export interface MorePortsHandle {
  /** As typed, e.g. "8189-8191". */
  readonly text: string;
  readonly setText: (text: string) => void;
  /** null before the first look at this machine. */
  readonly found: readonly Candidate[] | null;
  readonly chosen: readonly Candidate[];
  readonly choose: (candidate: Candidate, chosen: boolean) => void;
  readonly busy: boolean;
  readonly refusal: ErrorEnvelope | null;
  /** Asks the ports that are typed. */
  readonly look: () => void;
  /** Asks the ComfyUI-Distributed plugin there for the workers that it knows. */
  readonly askPlugin: () => void;
}

interface Looked {
  readonly host: string;
  readonly found: readonly Candidate[];
  /** Keys. */
  readonly chosen: ReadonlySet<string>;
}

/**
 * The other servers of the one machine of the form.
 * @param port of the form's own server, which is no other one
 */
export function useMorePorts(host: string, port: number | null): MorePortsHandle {
  const client = useClient();
  const [text, setText] = useState('');
  const [looked, setLooked] = useState<Looked | null>(null);
  const { busy, refusal, setRefusal, ask } = useAsking((found) =>
    setLooked({ host, found, chosen: new Set(found.filter(({ free }) => free).map(({ key }) => key)) }),
  );
  const current = looked?.host === host ? looked : null;
  const own = port === null ? null : urlOf({ host, port, secure: false, path: '' });
  const found = current?.found.filter(({ key }) => key !== own) ?? null;
  return {
    text,
    setText(next) {
      setRefusal(null);
      setText(next);
    },
    found,
    chosen: found?.filter(({ key }) => current?.chosen.has(key)) ?? [],
    choose({ key }, wanted) {
      if (current === null) return;
      const rest = [...current.chosen].filter((other) => other !== key);
      setLooked({ ...current, chosen: new Set(wanted ? [...rest, key] : rest) });
    },
    busy,
    refusal,
    look: () =>
      ask(async () => candidatesOfPorts(host, await client.invoke('remote.scan', { host, ports: text }))),
    askPlugin: () =>
      port !== null &&
      ask(async () => candidatesOfPlugin(await client.invoke('remote.pluginWorkers', { host, port }))),
  };
}

interface Asking {
  readonly busy: boolean;
  readonly refusal: ErrorEnvelope | null;
  readonly setRefusal: (refusal: ErrorEnvelope | null) => void;
  readonly ask: (question: () => Promise<readonly Candidate[]>) => void;
}

/** One question at a time: the answer to an older one is dropped. */
function useAsking(onAnswer: (found: readonly Candidate[]) => void): Asking {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const latest = useRef(0);
  const ask = (question: () => Promise<readonly Candidate[]>): void => {
    latest.current += 1;
    const turn = latest.current;
    setBusy(true);
    setRefusal(null);
    question()
      .then(
        (found) => turn === latest.current && onAnswer(found),
        (error) => turn === latest.current && setRefusal(toEnvelope(error)),
      )
      .finally(() => turn === latest.current && setBusy(false));
  };
  return { busy, refusal, setRefusal, ask };
}
