import { conditionOf, type InstanceCondition } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { isCountingDown } from '../store/selectors.ts';
import { useNow } from '../store/use-now.ts';

/** The condition in words; a countdown ticks. */
export function useCondition(instance: InstanceSnapshot): InstanceCondition {
  const counting = isCountingDown(instance);
  const now = useNow(counting ? 250 : null);
  return conditionOf(instance, counting ? now : 0);
}
