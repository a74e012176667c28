import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { GatewayStrip } from '../gateway/gateway-strip.tsx';
import { GuideButton } from '../guides/guide-button.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet, useServices } from '../store/services.ts';
import { moveFocus } from './arrow-keys.ts';
import './fleet.css';
import { FleetList, FleetListHead } from './fleet-list.tsx';
import { GroupHeading } from './group-heading.tsx';
import { InstanceCard } from './instance-card.tsx';
import { type WorkersOfType, workersByType } from './workers-by-type.ts';

/** More instances than this are shown as a list. */
export const MOST_CARDS = 12;

export function FleetView() {
  const instances = useFleet(selectInstances);
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const master = instances.find((instance) => instance.role === 'master');
  const workers = instances.filter((instance) => instance.role === 'worker');
  const groups = workersByType(workers);
  const asList = instances.length > MOST_CARDS;
  const known = instances.some((instance) => instance.id === focused);
  const tabbable = known ? focused : (instances[0]?.id ?? null);
  const cardProps = { onFocus: setFocused };
  return (
    <div className="fleet" ref={scroller}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys of the cards inside bubble up to here. */}
      <div className="fleet-inner" onKeyDown={moveFocus}>
        <h1 className="visually-hidden">Fleet</h1>
        <GatewayStrip />
        {master && (
          <div className="fleet-grid">
            <InstanceCard instance={master} tabbable={tabbable === master.id} {...cardProps} />
            {!asList && workers.length === 0 && <AddWorkerCard first />}
          </div>
        )}
        {workers.length === 0 && <GuideButton guide="local" label="Guides to every kind of worker" />}
        {asList && workers.length > 0 && <FleetListHead />}
        {groups.map((group, index) =>
          asList ? (
            <FleetList
              key={group.type}
              group={group}
              scroller={scroller}
              focused={tabbable}
              onFocus={setFocused}
            />
          ) : (
            <WorkerGroup
              key={group.type}
              group={group}
              last={index === groups.length - 1}
              tabbable={tabbable}
              onFocus={setFocused}
            />
          ),
        )}
      </div>
    </div>
  );
}

interface WorkerGroupProps {
  readonly group: WorkersOfType;
  readonly last: boolean;
  readonly tabbable: string | null;
  readonly onFocus: (id: string) => void;
}

function WorkerGroup({ group, last, tabbable, onFocus }: WorkerGroupProps) {
  return (
    <section aria-labelledby={group.headingId}>
      <GroupHeading group={group} />
      <div className="fleet-grid">
        {group.workers.map((worker) => (
          <InstanceCard
            key={worker.id}
            instance={worker}
            tabbable={tabbable === worker.id}
            onFocus={onFocus}
          />
        ))}
        {last && <AddWorkerCard />}
      </div>
    </section>
  );
}

function AddWorkerCard({ first = false }: { readonly first?: boolean }) {
  const { ui } = useServices();
  return (
    <button
      type="button"
      className="card-add"
      data-roving=""
      onClick={() => ui.getState().openDialog({ kind: 'worker-add' })}
    >
      <Plus size={18} strokeWidth={1.6} aria-hidden="true" />
      <span className="card-add-title">Add worker</span>
      <span className="card-add-text">
        {first
          ? 'One ComfyUI per GPU, here or elsewhere: each worker computes beside the master'
          : 'Another GPU here, another machine, or the cloud'}
      </span>
    </button>
  );
}
