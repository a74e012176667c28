import type { Measured } from '../../shared/remote.ts';
import { measuredFacts } from './measured-words.ts';
import './readiness.css';

/** Latency, rates, GPU, memory and version, as far as they are known. */
export function MeasuredList({ measured }: { readonly measured: Measured }) {
  const facts = measuredFacts(measured);
  if (facts.length === 0) return null;
  return (
    <dl className="measured">
      {facts.map(({ id, label, text }) => (
        <div key={id} className={`measured-${id}`}>
          <dt>{label}</dt>
          <dd className="truncate" title={text}>
            {text}
          </dd>
        </div>
      ))}
    </dl>
  );
}
