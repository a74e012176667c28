import { Plus, Radar } from 'lucide-react';
import type { FoundPlace } from '../../shared/discovery.ts';
import type { RemoteDraft } from '../../shared/remote.ts';
import { Button } from '../components/button.tsx';
import './agents.css';
import { draftOfFound, isServer, KINDS, placeWords } from './agent-words.ts';
import { useDiscovery } from './use-followed.ts';

export interface FoundOnNetworkProps {
  /** A server that can become a worker. */
  readonly onPick: (draft: RemoteDraft) => void;
  /** A machine that waits to be paired; without it agents are left out. */
  readonly onPair?: (place: FoundPlace) => void;
}

/** Whoever announced themselves in this network and is not here yet; nothing while discovery is off or finds nobody. */
export function FoundOnNetwork({ onPick, onPair }: FoundOnNetworkProps) {
  const state = useDiscovery();
  if (state === null || !state.enabled) return null;
  const found = state.found.filter(
    (place) => !place.known && (isServer(place) || (place.kind === 'agent' && onPair !== undefined)),
  );
  if (found.length === 0 && state.problem === null) return null;
  return (
    <section className="found" aria-labelledby="found-title">
      <h3 id="found-title">
        <Radar size={14} strokeWidth={1.8} aria-hidden="true" /> Found in this network
      </h3>
      {state.problem !== null && <p className="found-problem">{state.problem}</p>}
      <ul>
        {found.map((place) => (
          <li key={`${place.kind} ${place.id}`}>
            <span className="found-words">
              <strong>{place.name}</strong>
              <span>
                {KINDS[place.kind]} at <span className="mono">{placeWords(place)}</span>
              </span>
            </span>
            {isServer(place) ? (
              <Button size="s" icon={Plus} onClick={() => onPick(draftOfFound(place))}>
                Use<span className="visually-hidden"> {place.name}</span>
              </Button>
            ) : (
              <Button size="s" onClick={() => onPair?.(place)}>
                Pair…<span className="visually-hidden"> {place.name}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
