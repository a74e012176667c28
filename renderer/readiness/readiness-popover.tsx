import { Activity, Pencil } from 'lucide-react';
import { Popover as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { versionRisk } from '../../shared/readiness-words.ts';
import { Button } from '../components/button.tsx';
import { useLayer } from '../components/layer.ts';
import { formatAgo } from '../store/format.ts';
import { selectMasterVersion } from '../store/selectors.ts';
import { useFleet, useServices } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';
import { Ladder } from './ladder.tsx';
import { MeasuredList } from './measured-list.tsx';
import { testAgain } from './test-again.ts';
import { useHoverOpen } from './use-hover-open.ts';

export interface ReadinessPopoverProps {
  readonly instance: InstanceSnapshot;
  /** The state in words, for the button's name. */
  readonly word: string;
  readonly children: ReactNode;
}

/** The ladder of a worker elsewhere, on hover and on focus; a click or Enter goes into it. */
export function ReadinessPopover({ instance, word, children }: ReadinessPopoverProps) {
  const layer = useLayer();
  const hover = useHoverOpen();
  return (
    <Radix.Root open={hover.open} onOpenChange={hover.setOpen}>
      <Radix.Trigger asChild>
        <button
          type="button"
          className="readiness-trigger"
          aria-label={`${word}: readiness of ${instance.name}`}
          {...hover.trigger}
        >
          {children}
        </button>
      </Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content
          className="readiness-popover"
          side="bottom"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label={`Readiness of ${instance.name}`}
          {...hover.content}
        >
          <ReadinessDetail instance={instance} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function ReadinessDetail({ instance }: { readonly instance: InstanceSnapshot }) {
  const services = useServices();
  const now = useNow(1000);
  const master = useFleet(selectMasterVersion);
  const readiness = instance.remote?.readiness ?? null;
  const risk = versionRisk(instance.server?.comfyuiVersion ?? null, master);
  const tested = readiness === null ? 'Not tested yet' : `Tested ${formatAgo(readiness.at, now)}`;
  return (
    <>
      <p className="readiness-title">
        <strong className="truncate">{instance.name}</strong>
        <span>{readiness?.done === false ? 'Testing…' : tested}</span>
      </p>
      {readiness !== null && <Ladder readiness={readiness} onTrust={null} />}
      {readiness !== null && <MeasuredList measured={readiness.measured} />}
      {risk !== null && <p className="readiness-risk">{risk}</p>}
      <div className="readiness-actions">
        {instance.selected && (
          <Button
            size="s"
            icon={Activity}
            busy={readiness?.done === false}
            onClick={() => void testAgain(services, instance)}
          >
            Test again
          </Button>
        )}
        <Button
          size="s"
          icon={Pencil}
          onClick={() => services.ui.getState().openDialog({ kind: 'worker-edit', id: instance.id })}
        >
          Edit…
        </Button>
      </div>
    </>
  );
}
