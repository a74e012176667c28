import { ChevronDown, ChevronUp, Search } from 'lucide-react';
import type { Ref } from 'react';
import { IconButton } from '../components/icon-button.tsx';

export interface LogSearchProps {
  readonly ref: Ref<HTMLInputElement>;
  readonly query: string;
  readonly matches: readonly number[];
  readonly match: number | null;
  readonly onQuery: (query: string) => void;
  readonly onStep: (step: 1 | -1) => void;
}

export function LogSearch({ ref, query, matches, match, onQuery, onStep }: LogSearchProps) {
  const none = matches.length === 0;
  return (
    <search className="log-search">
      <Search size={14} strokeWidth={1.8} aria-hidden="true" />
      <input
        ref={ref}
        className="input"
        type="search"
        aria-label="Search in the log"
        placeholder="Search   /"
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') {
            onQuery('');
            event.currentTarget.blur();
          }
        }}
      />
      <span className="log-search-count" role="status">
        {query === '' ? '' : countWords(matches, match)}
      </span>
      <IconButton
        size="s"
        label="Previous match"
        shortcut="Shift+N"
        icon={ChevronUp}
        disabled={none}
        onClick={() => onStep(-1)}
      />
      <IconButton
        size="s"
        label="Next match"
        shortcut="N"
        icon={ChevronDown}
        disabled={none}
        onClick={() => onStep(1)}
      />
    </search>
  );
}

function countWords(matches: readonly number[], match: number | null): string {
  if (matches.length === 0) return 'No match';
  const total = matches.length.toLocaleString('en');
  const position = match === null ? -1 : matches.indexOf(match);
  if (position >= 0) return `${(position + 1).toLocaleString('en')} of ${total}`;
  return matches.length === 1 ? '1 match' : `${total} matches`;
}
