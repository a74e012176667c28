import { dollars, type SpendCaps, type Spending } from '../../shared/providers.ts';
import { DraftField } from '../settings/draft-field.tsx';
import { useRun } from '../store/services.ts';
import { readDollars } from './read-dollars.ts';

const FIELDS: readonly {
  readonly cap: keyof SpendCaps;
  readonly label: string;
  readonly spent: (spending: Spending) => string;
}[] = [
  { cap: 'perHour', label: 'Limit per hour, $', spent: ({ rate }) => `Now ${dollars(rate)} per hour.` },
  { cap: 'perDay', label: 'Limit per day, $', spent: ({ day }) => `${dollars(day)} in the last 24 hours.` },
  {
    cap: 'total',
    label: 'Limit in total, $',
    spent: ({ total }) => `${dollars(total)} since the beginning.`,
  },
];

/** Empty = no limit. Nothing is rented that could go beyond one; what is over a lowered one is given back. */
export function SpendCapsForm({ caps, spending }: { readonly caps: SpendCaps; readonly spending: Spending }) {
  const run = useRun();
  return (
    <div>
      <h3 className="providers-heading">Spending</h3>
      <p className="field-hint">
        Nothing is rented that could go beyond a limit; when one is lowered, the newest workers are given back
        first.
      </p>
      <div className="spend-caps">
        {FIELDS.map(({ cap, label, spent }) => (
          <DraftField
            key={cap}
            label={label}
            hint={spent(spending)}
            inputMode="decimal"
            placeholder="no limit"
            saved={caps[cap] === null ? '' : String(caps[cap])}
            problemOf={(text) => readDollars(text).problem}
            onCommit={(text) => {
              const { value } = readDollars(text);
              if (value !== caps[cap]) void run('providers.setCaps', { caps: { ...caps, [cap]: value } });
            }}
          />
        ))}
      </div>
    </div>
  );
}
