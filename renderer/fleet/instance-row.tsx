import { Ellipsis } from 'lucide-react';
import { memo, useState } from 'react';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { Progress } from '../components/progress.tsx';
import { placeOf, selectGpu, shortPlaceOf } from '../store/selectors.ts';
import { useFleet, useTelemetry } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';
import { CardThumbnail } from './card-thumbnail.tsx';
import { gpuReadings, type Reading } from './gpu-readings.ts';
import { SelectBox } from './instance-card.tsx';
import { InstanceMenu, type InstanceMenuProps } from './instance-menu.tsx';
import { StateWord } from './state-word.tsx';
import { useCondition } from './use-condition.ts';
import { useInstanceKeys } from './use-instance-keys.ts';
import { doingOf } from './what-it-does.ts';

export interface InstanceRowProps {
  readonly instance: InstanceSnapshot;
  readonly index: number;
  /** px from the top of the list's body. */
  readonly top: number;
  readonly tabbable: boolean;
  readonly onFocus: (id: string) => void;
}

/* biome-ignore-start lint/a11y/useSemanticElements: rows are placed absolutely, which a native table cannot do. */
export const InstanceRow = memo(function InstanceRow(props: InstanceRowProps) {
  const { instance } = props;
  const condition = useCondition(instance);
  const [menuOpen, setMenuOpen] = useState(false);
  const onKeyDown = useInstanceKeys(instance, condition.actions, () => setMenuOpen(true));
  const gpu = useFleet(selectGpu(instance));
  return (
    <div
      className="list-row"
      role="row"
      aria-rowindex={props.index + 2}
      aria-label={`${instance.name}, ${condition.word}`}
      data-instance={instance.id}
      data-roving=""
      tabIndex={props.tabbable ? 0 : -1}
      style={{ transform: `translateY(${props.top}px)` }}
      onFocus={() => props.onFocus(instance.id)}
      onKeyDown={onKeyDown}
    >
      <span role="cell">
        <SelectBox instance={instance} />
      </span>
      <span role="cell" className="list-state" title={condition.word}>
        <StateWord instance={instance} condition={condition} />
      </span>
      <span role="cell" className="list-name truncate" title={instance.name}>
        {instance.name}
      </span>
      <span role="cell" className="list-device truncate" title={placeOf(instance, gpu)}>
        {shortPlaceOf(instance, gpu)}
      </span>
      <NowCell instance={instance} />
      <ReadingCells instance={instance} />
      <span role="cell" className="list-queue">
        {instance.queue ?? '–'}
      </span>
      <span role="cell">
        <RowMenu instance={instance} actions={condition.actions} open={menuOpen} onOpenChange={setMenuOpen} />
      </span>
    </div>
  );
});

/** A plain button until it is first used: rows that scroll by must be cheap. */
function RowMenu(props: InstanceMenuProps) {
  const [used, setUsed] = useState(false);
  if (props.open && !used) setUsed(true);
  if (used || props.open) return <InstanceMenu {...props} />;
  return (
    <button
      type="button"
      className="icon-button icon-button-s"
      aria-label={`Actions for ${props.instance.name}`}
      aria-haspopup="menu"
      onClick={() => props.onOpenChange(true)}
    >
      <Ellipsis size={14} strokeWidth={1.8} aria-hidden="true" />
    </button>
  );
}

function NowCell({ instance }: { readonly instance: InstanceSnapshot }) {
  const doing = doingOf(instance, useNow(1000));
  const words = doing.detail === '' ? doing.title : `${doing.title} · ${doing.detail}`;
  return (
    <span role="cell" className="list-now">
      <CardThumbnail instance={instance} />
      <span className="list-now-words">
        <span className="truncate" title={words}>
          {words}
        </span>
        {doing.share !== undefined && (
          <Progress label={`${instance.name}: ${doing.title}`} share={doing.share} />
        )}
      </span>
    </span>
  );
}

const UNKNOWN: readonly Pick<Reading, 'id' | 'text' | 'tone'>[] = ['vram', 'gpu', 'temperature', 'power'].map(
  (id) => ({ id, text: '–', tone: 'neutral' }),
);

function ReadingCells({ instance }: { readonly instance: InstanceSnapshot }) {
  const gpu = useFleet(selectGpu(instance));
  const latest = useTelemetry((state) => state.latest);
  const readings = gpu === null || latest === null ? UNKNOWN : gpuReadings(gpu, [latest]);
  return readings.map(({ id, text, tone }) => (
    <span
      key={id}
      role="cell"
      className={`list-reading list-${id}${tone === 'warning' || tone === 'error' ? ` tone-${tone} list-alarm` : ''}`}
    >
      {text}
    </span>
  ));
}
/* biome-ignore-end lint/a11y/useSemanticElements: as above */
