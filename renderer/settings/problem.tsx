import type { ErrorEnvelope } from '../../shared/errors.ts';
import { Banner } from '../components/banner.tsx';

/** A refusal in words: what, how to mend it, and each field's own problem. */
export function Problem({ refusal }: { readonly refusal: ErrorEnvelope | null }) {
  return (
    <div role="alert" className="problem">
      {refusal !== null && (
        <Banner
          tone="error"
          title={refusal.message}
          text={[refusal.hint, ...refusal.problems.map(({ message }) => message)]
            .filter((part) => part !== null && part !== refusal.message)
            .join(' ')}
        />
      )}
    </div>
  );
}
