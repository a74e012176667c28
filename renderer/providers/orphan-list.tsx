import { useState } from 'react';
import { costOf, dollars, type Orphan, type ProviderView } from '../../shared/providers.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { useRun } from '../store/services.ts';

const ADOPTED = { ttlMinutes: 120, idleMinutes: 30 };
const HOUR_MS = 3_600_000;

/** What bears our name at a provider and nobody uses: it costs. */
export function OrphanList(props: {
  readonly orphans: readonly Orphan[];
  readonly providers: readonly ProviderView[];
}) {
  return props.orphans.map((orphan) => {
    const provider = props.providers.find(({ settings }) => settings.id === orphan.provider);
    return (
      <OrphanBanner key={orphan.key} orphan={orphan} name={provider?.settings.name ?? orphan.provider} />
    );
  });
}

function OrphanBanner({ orphan, name }: { readonly orphan: Orphan; readonly name: string }) {
  const [asking, setAsking] = useState<'adopt' | 'release' | null>(null);
  const run = useRun();
  const { provider, key, reference, pricePerHour } = orphan;
  const cost = pricePerHour === null ? 'costs' : `costs ${dollars(pricePerHour)} per hour`;
  const close = (): void => setAsking(null);
  return (
    <>
      <Banner
        tone="warning"
        title={`${reference} at ${name} is used by nobody and ${cost}.`}
        action={
          <span className="providers-actions">
            {pricePerHour !== null && (
              <Button size="s" onClick={() => setAsking('adopt')}>
                Adopt…
              </Button>
            )}
            <Button size="s" onClick={() => setAsking('release')}>
              Give back…
            </Button>
          </span>
        }
      />
      {asking === 'adopt' && pricePerHour !== null && (
        <ConfirmDialog
          title={`Adopt ${reference} for ${dollars(pricePerHour)} per hour?`}
          consequence={`It becomes a worker for 2 hours, at most ${dollars(costOf(pricePerHour, 2 * HOUR_MS))} more, and is given back after 30 minutes without a prompt.`}
          confirmLabel={`Adopt for ${dollars(pricePerHour)}/h`}
          onConfirm={() => void run('providers.adopt', { provider, key, pricePerHour, ...ADOPTED })}
          onClose={close}
        />
      )}
      {asking === 'release' && (
        <ConfirmDialog
          danger
          title={`Give ${reference} back?`}
          consequence="It is ended at once, with what is on its disk."
          confirmLabel="Give back"
          onConfirm={() => void run('providers.releaseOrphan', { provider, key })}
          onClose={close}
        />
      )}
    </>
  );
}
