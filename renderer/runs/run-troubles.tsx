import type { Attempt, Shard } from '../../shared/runs.ts';
import { plural, shardsWords, type Trouble, troublesOf } from './run-words.ts';

/** Errors and lost attempts told here; the table of shards has the others. */
const MOST_TOLD = 10;

/** What failed, with the node and the traceback, and what was lost on the way and done again elsewhere. */
export function RunTroubles({ shards }: { readonly shards: readonly Shard[] }) {
  const troubles = troublesOf(shards);
  const lost = shards.flatMap((shard) => shard.attempts.filter(({ outcome }) => outcome === 'lost'));
  return (
    <>
      {troubles.length > 0 && (
        <section aria-labelledby="run-errors">
          <h3 id="run-errors">{plural(troubles.length, 'error')}</h3>
          <ul className="troubles">
            {troubles.slice(0, MOST_TOLD).map((trouble) => (
              <TroubleItem key={trouble.key} trouble={trouble} />
            ))}
          </ul>
          <Further count={troubles.length - MOST_TOLD} />
        </section>
      )}
      {lost.length > 0 && (
        <section aria-labelledby="run-lost">
          <h3 id="run-lost">Lost on the way and sent elsewhere</h3>
          <ul className="troubles-lost">
            {lost.slice(0, MOST_TOLD).map((attempt) => (
              <li key={attempt.id}>{lostWords(attempt)}</li>
            ))}
          </ul>
          <Further count={lost.length - MOST_TOLD} />
        </section>
      )}
    </>
  );
}

function lostWords(attempt: Attempt): string {
  const what = `Shard ${attempt.shard}, attempt ${attempt.number} on ${attempt.instanceName}`;
  return attempt.reason === null ? what : `${what}: ${attempt.reason}`;
}

function Further({ count }: { readonly count: number }) {
  return count <= 0 ? null : <p className="run-note">And {count.toLocaleString('en')} more.</p>;
}

function TroubleItem({ trouble }: { readonly trouble: Trouble }) {
  const { error } = trouble;
  const node =
    error.nodeId === null ? null : `Node ${error.nodeId}${error.nodeType ? ` (${error.nodeType})` : ''}`;
  const where = [shardsWords(trouble.shards), node, error.exceptionType].filter((part) => part !== null);
  return (
    <li className="trouble">
      <p className="trouble-message">{error.message}</p>
      <p className="trouble-where">{where.join(' · ')}</p>
      {error.traceback.length > 0 && (
        <details>
          <summary>Traceback</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
          <pre tabIndex={0}>{error.traceback.join('\n')}</pre>
        </details>
      )}
    </li>
  );
}
