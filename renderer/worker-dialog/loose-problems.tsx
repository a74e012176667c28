import type { ErrorEnvelope, FieldProblem } from '../../shared/errors.ts';
import { Banner } from '../components/banner.tsx';

export interface LooseProblemsProps {
  readonly refusal: ErrorEnvelope | null;
  readonly problems: readonly FieldProblem[];
}

/** What belongs to no field of a form. */
export function LooseProblems({ refusal, problems }: LooseProblemsProps) {
  return (
    <div role="alert">
      {refusal !== null && <Banner tone="error" title={refusal.message} text={refusal.hint ?? undefined} />}
      {problems.map((problem) => (
        <Banner key={`${problem.field} ${problem.message}`} tone="error" title={problem.message} />
      ))}
    </div>
  );
}
