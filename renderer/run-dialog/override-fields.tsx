import { Plus, X } from 'lucide-react';
import type { InputOverride } from '../../shared/runs.ts';
import { Button } from '../components/button.tsx';
import { IconButton } from '../components/icon-button.tsx';

export interface OverrideFieldsProps {
  readonly set: readonly InputOverride[];
  readonly onChange: (set: readonly InputOverride[]) => void;
}

const PARTS = [
  { part: 'node', word: 'Node', placeholder: 'Id or title' },
  { part: 'input', word: 'Input', placeholder: 'steps' },
  { part: 'value', word: 'Value', placeholder: '30' },
] as const;

/** Literals of the workflow to change before it runs. */
export function OverrideFields({ set, onChange }: OverrideFieldsProps) {
  const change = (index: number, part: Partial<InputOverride>) =>
    onChange(set.map((override, at) => (at === index ? { ...override, ...part } : override)));
  return (
    <fieldset className="run-option overrides">
      <legend>Other inputs</legend>
      {set.map((override, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
        <div key={index} className="override">
          {PARTS.map(({ part, word, placeholder }) => (
            <input
              key={part}
              type="text"
              className="input mono"
              aria-label={`${word} of input ${index + 1}`}
              placeholder={placeholder}
              autoComplete="off"
              spellCheck={false}
              value={override[part]}
              onChange={(event) => change(index, { [part]: event.target.value })}
            />
          ))}
          <IconButton
            size="s"
            label={`Remove input ${index + 1}`}
            icon={X}
            onClick={() => onChange(set.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <Button size="s" icon={Plus} onClick={() => onChange([...set, { node: '', input: '', value: '' }])}>
        Set an input
      </Button>
    </fieldset>
  );
}
