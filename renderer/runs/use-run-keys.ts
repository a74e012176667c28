import type { KeyboardEvent } from 'react';
import type { RunSummary } from '../../shared/runs.ts';
import { useServices } from '../store/services.ts';
import { performRunAction, RUN_ACTION_WORDS } from './run-actions.ts';
import { runActions } from './run-words.ts';

const NAMES: Readonly<Record<string, string>> = { Delete: 'Del', ArrowUp: '↑', ArrowDown: '↓' };

/** Keys of a focused run: letters, Del and Alt with the arrows act as its menu shows them. */
export function useRunKeys(runs: readonly RunSummary[]): (event: KeyboardEvent<HTMLElement>) => void {
  const services = useServices();
  return (event) => {
    const id = event.target instanceof HTMLElement ? event.target.dataset['run'] : undefined;
    const run = runs.find((candidate) => candidate.id === id);
    if (run === undefined || event.ctrlKey || event.metaKey) return;
    const name = NAMES[event.key] ?? event.key.toUpperCase();
    const key = event.altKey ? `Alt+${name}` : name;
    const action = runActions(run, runs).find((candidate) => RUN_ACTION_WORDS[candidate].key === key);
    if (action === undefined) return;
    event.preventDefault();
    void performRunAction(services, run, action);
  };
}
