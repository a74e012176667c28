import { CircleAlert, CircleCheck } from 'lucide-react';
import type { PlanInput, PlanPreview, PlanShard } from '../../shared/plans.ts';
import { Banner } from '../components/banner.tsx';
import { Chip } from '../components/chip.tsx';
import { classNames } from '../components/class-names.ts';
import { Spinner } from '../components/spinner.tsx';
import { KIND_WORDS, MODE_WORDS, plural } from '../runs/run-words.ts';
import { formatBytes } from '../store/format.ts';
import type { Planning } from './use-plan.ts';

/** Shards in the list; the numbers above tell of all. */
const MOST_LISTED = 200;

/** What will happen, before it happens. */
export function PlanView({ planning }: { readonly planning: Planning }) {
  const { plan, refusal, pending } = planning;
  return (
    <section className="plan" aria-label="What will happen" aria-busy={pending}>
      <div className="plan-head">
        <h3>What will happen</h3>
        <span className="plan-pending" role="status">
          {pending && (
            <>
              <Spinner /> Working it out…
            </>
          )}
        </span>
      </div>
      {refusal !== null && <Banner tone="error" title={refusal.message} text={refusal.hint ?? undefined} />}
      {plan !== null && <Plan plan={plan} />}
    </section>
  );
}

function Plan({ plan }: { readonly plan: PlanPreview }) {
  const mode = MODE_WORDS[plan.mode];
  const taking = plan.participants.filter((participant) => participant.takesPart).length;
  return (
    <>
      {plan.problems.map((problem) => (
        <Banner key={problem} tone="error" title={problem} />
      ))}
      {plan.warnings.map((warning) => (
        <Banner key={warning} tone="warning" title="Note:" text={warning} />
      ))}
      <p className="plan-summary">
        <strong>
          {plural(plan.shardCount, 'shard')} on {plural(taking, 'participant')}
        </strong>
        <span>{KIND_WORDS[plan.kind]}</span>
      </p>
      <p className="run-mode">
        <Chip tone={mode.tone}>{mode.word}</Chip> <span>{plan.modeReason}</span>
      </p>
      {plan.secondStage.length > 0 && (
        <div className="plan-part">
          <h4>Then, on the master</h4>
          <p>{plan.secondStage.join(' → ')}</p>
        </div>
      )}
      {plan.inputs.length > 0 && <Inputs inputs={plan.inputs} />}
      <Shards shards={plan.shards} count={plan.shardCount} />
    </>
  );
}

function Inputs({ inputs }: { readonly inputs: readonly PlanInput[] }) {
  return (
    <div className="plan-part">
      <h4>Files that it loads</h4>
      <ul className="plan-inputs">
        {inputs.map((input) => {
          const Icon = input.missing ? CircleAlert : CircleCheck;
          return (
            <li
              key={`${input.nodeId}:${input.name}`}
              className={classNames(input.missing ? 'tone-error' : 'tone-ok')}
            >
              <Icon size={14} strokeWidth={1.8} aria-hidden="true" />
              <span className="truncate">{input.name}</span>
              <span className="plan-input-state">
                {input.missing
                  ? `Missing (node ${input.nodeId})`
                  : input.bytes === null
                    ? 'Present'
                    : formatBytes(input.bytes)}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Shards({ shards, count }: { readonly shards: readonly PlanShard[]; readonly count: number }) {
  const listed = shards.slice(0, MOST_LISTED);
  const sliced = listed.some((shard) => shard.slice !== null);
  const valued = listed.some((shard) => shard.values.length > 0);
  if (listed.length === 0) return null;
  return (
    <div className="plan-part">
      <h4>Shards</h4>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="plan-shards" aria-label="Shards of the plan" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Shard</th>
              <th scope="col">Seed</th>
              {sliced && <th scope="col">Pictures</th>}
              {valued && <th scope="col">Own values</th>}
              <th scope="col">Nodes</th>
            </tr>
          </thead>
          <tbody>
            {listed.map((shard) => (
              <tr key={shard.index}>
                <td>{shard.index}</td>
                <td>{shard.seed ?? '–'}</td>
                {sliced && <td>{sliceWords(shard)}</td>}
                {valued && <td>{valueWords(shard)}</td>}
                <td>{shard.nodes}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {count > listed.length && (
        <p className="run-note">And {(count - listed.length).toLocaleString('en')} more.</p>
      )}
    </div>
  );
}

function sliceWords({ slice }: PlanShard): string {
  if (slice === null) return '–';
  return slice.count === 1 ? String(slice.first) : `${slice.first} – ${slice.first + slice.count - 1}`;
}

function valueWords({ values }: PlanShard): string {
  return values.map(({ nodeId, input, value }) => `${nodeId}.${input} = ${value}`).join(', ');
}
