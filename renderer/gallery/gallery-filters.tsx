import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { GalleryFilter } from '../../shared/runs.ts';
import { Button } from '../components/button.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import { Select } from '../components/select-field.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet, useRuns, useServices } from '../store/services.ts';
import { dayToTime, isFiltered, timeToDay } from './gallery-pages.ts';

const TYPING_RESTS_MS = 250;
const ANY = '';

export function GalleryFilters({ filter }: { readonly filter: GalleryFilter }) {
  const { ui } = useServices();
  const change = (part: Partial<GalleryFilter>) => ui.getState().showGallery({ ...filter, ...part });
  return (
    <search className="gallery-filters" aria-label="Filters">
      <NameFilter value={filter.name} onChange={(name) => change({ name })} />
      <RunFilter value={filter.runId} onChange={(runId) => change({ runId })} />
      <WorkerFilter value={filter.instanceId} onChange={(instanceId) => change({ instanceId })} />
      <span className="gallery-dates">
        <input
          type="date"
          className="input"
          aria-label="From"
          value={timeToDay(filter.since)}
          onChange={(event) => change({ since: dayToTime(event.target.value, false) })}
        />
        <span aria-hidden="true">–</span>
        <input
          type="date"
          className="input"
          aria-label="Until"
          value={timeToDay(filter.until)}
          onChange={(event) => change({ until: dayToTime(event.target.value, true) })}
        />
      </span>
      <Checkbox
        label="Previews too"
        checked={filter.previews}
        onChange={(previews) => change({ previews })}
      />
      {isFiltered(filter) && (
        <Button variant="ghost" onClick={() => ui.getState().showGallery({})}>
          Clear filters
        </Button>
      )}
    </search>
  );
}

interface ChoiceProps {
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
}

/** Asks once typing rests. */
function NameFilter({ value, onChange }: ChoiceProps) {
  const [text, setText] = useState(value ?? '');
  useEffect(() => setText(value ?? ''), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed counts, not who listens.
  useEffect(() => {
    if (text === (value ?? '')) return;
    const timer = setTimeout(() => onChange(text === '' ? null : text), TYPING_RESTS_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span className="gallery-name">
      <Search size={14} strokeWidth={1.8} aria-hidden="true" />
      <input
        type="search"
        className="input"
        aria-label="Name of the workflow"
        placeholder="Workflow…"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </span>
  );
}

function RunFilter({ value, onChange }: ChoiceProps) {
  const runs = useRuns((state) => state.runs);
  const known = (runs ?? []).filter((run) => run.artifactCount > 0 || run.id === value);
  const options = known.map((run) => ({ value: run.id, label: `${run.name}, ${timeOf(run.createdAt)}` }));
  const unlisted = value !== null && !known.some((run) => run.id === value);
  return (
    <Select
      aria-label="Run"
      value={value ?? ANY}
      options={[
        { value: ANY, label: 'All runs' },
        ...(unlisted ? [{ value, label: 'The chosen run' }] : []),
        ...options,
      ]}
      onChange={(choice) => onChange(choice === ANY ? null : choice)}
    />
  );
}

function timeOf(at: number): string {
  return new Date(at).toLocaleString('en-GB', { dateStyle: 'short', timeStyle: 'short' });
}

function WorkerFilter({ value, onChange }: ChoiceProps) {
  const instances = useFleet(selectInstances);
  return (
    <Select
      aria-label="Made by"
      value={value ?? ANY}
      options={[
        { value: ANY, label: 'All instances' },
        ...instances.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={(choice) => onChange(choice === ANY ? null : choice)}
    />
  );
}
