import { useState } from 'react';
import { classNames } from '../components/class-names.ts';
import { Dialog } from '../components/dialog.tsx';
import { useSettings } from '../store/services.ts';
import type { GuideId } from '../store/ui-store.ts';
import { type Guide, type GuideValues, progressOf } from './guide.ts';
import { GuideView } from './guide-view.tsx';
import './guides.css';
import { guidesFor, valuesFrom } from './guides.ts';
import { useGuideFacts } from './use-guide-facts.ts';

export interface GuidesDialogProps {
  readonly guide: GuideId;
  readonly onClose: () => void;
}

/** Every set-up step by step, with the person's own values, and checks that turn green by themselves. */
export function GuidesDialog({ guide, onClose }: GuidesDialogProps) {
  const facts = useGuideFacts();
  const tunnelHost = useSettings((state) => state.settings?.tunnelHost ?? null);
  const [id, setId] = useState(guide);
  const [typed, setTyped] = useState<Partial<GuideValues>>({});
  if (facts === null) return null;
  const values = { ...valuesFrom(facts, tunnelHost), ...typed };
  const guides = guidesFor(facts, values);
  const shown = guides.find((one) => one.id === id) ?? guides[0];
  return (
    <Dialog size="l" title="Guides" className="guides" onClose={onClose}>
      <div className="guides-columns">
        <nav className="guides-nav" aria-label="Guides">
          {guides.map((one) => (
            <Entry key={one.id} guide={one} current={one.id === id} onClick={() => setId(one.id)} />
          ))}
        </nav>
        {shown !== undefined && (
          <GuideView
            key={shown.id}
            guide={shown}
            values={values}
            onChange={(change) => setTyped((before) => ({ ...before, ...change }))}
            onClose={onClose}
          />
        )}
      </div>
    </Dialog>
  );
}

function Entry({
  guide,
  current,
  onClick,
}: {
  readonly guide: Guide;
  readonly current: boolean;
  readonly onClick: () => void;
}) {
  const { done, of } = progressOf(guide);
  return (
    <button
      type="button"
      className={classNames('guides-entry', current && 'guides-entry-current')}
      aria-current={current ? 'page' : undefined}
      {...(current ? { 'data-autofocus': '' } : {})}
      onClick={onClick}
    >
      <span>{guide.title}</span>
      <span className={classNames('guides-count', done === of && 'guides-count-done')}>
        {done === of ? 'Done' : `${done} of ${of}`}
      </span>
    </button>
  );
}
