import { CircleAlert, CircleCheck, CircleHelp } from 'lucide-react';
import type { ModelInstance } from '../../shared/models.ts';
import { verdictWords } from './model-words.ts';

const ICONS = { ok: CircleCheck, error: CircleAlert, neutral: CircleHelp };

/** "Can run it" or why not, for each instance. */
export function InstanceVerdicts({ instances }: { readonly instances: readonly ModelInstance[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="models-verdicts" aria-label="Which instances can run it" tabIndex={0}>
      <ul>
        {instances.map((instance) => {
          const { word, tone } = verdictWords(instance);
          const Icon = ICONS[tone === 'ok' || tone === 'error' ? tone : 'neutral'];
          return (
            <li key={instance.id} className={`tone-${tone}`}>
              <Icon size={14} strokeWidth={1.8} aria-hidden="true" />
              <strong>{instance.name}</strong>
              <span>{word}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
