import { rungState } from '../../shared/readiness-words.ts';
import { type Readiness, RUNGS } from '../../shared/remote.ts';
import { classNames } from '../components/class-names.ts';
import './readiness.css';

/** The ladder in small; the words stand beside it. */
export function RungBars({ readiness }: { readonly readiness: Readiness }) {
  return (
    <span className="rung-bars" aria-hidden="true">
      {RUNGS.map((rung) => (
        <span
          key={rung}
          className={classNames(
            `rung-${readiness.rungs[rung].status}`,
            `tone-${rungState(readiness, rung).tone}`,
          )}
        />
      ))}
    </span>
  );
}
