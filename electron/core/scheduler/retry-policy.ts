import { fullJitter } from '../comfy/backoff.ts';
import type { Random } from '../ports.ts';
import {
  MOST_ATTEMPTS,
  RETRY_BUDGET,
  RETRY_FIRST_MS,
  RETRY_FREE,
  RETRY_MOST_MS,
} from './policy-constants.ts';

/** Why a dispatched work ended without a result. */
export type FailureKind =
  /** Its server died, hung, or forgot it. */
  | 'lost'
  | 'out-of-memory'
  /** The instance lacks a node class or a model: it never can. */
  | 'missing-node'
  | 'missing-model'
  /** It refused the prompt for another reason: the next one would as well. */
  | 'invalid'
  /** A node raised an error. */
  | 'execution'
  | 'cancelled';

export type RetryDecision =
  | { readonly kind: 'retry'; readonly delayMs: number /** Elsewhere only. */; readonly barHere: boolean }
  | { readonly kind: 'give-up'; readonly why: 'not-retryable' | 'attempts' | 'budget' };

/** How many dispatches were first ones, and how many were retries. */
export interface RetryBudget {
  readonly firsts: number;
  readonly retries: number;
}

export const NO_RETRIES: RetryBudget = { firsts: 0, retries: 0 };

/** The cause is the worker's, so that another one may do better. */
const RETRYABLE: ReadonlySet<FailureKind> = new Set([
  'lost',
  'out-of-memory',
  'missing-node',
  'missing-model',
]);

/** The same worker would fail again. */
const BARRING: ReadonlySet<FailureKind> = new Set(['out-of-memory', 'missing-node', 'missing-model']);

/** @param attempt the one that failed, 1 for the first */
export function decideRetry(
  kind: FailureKind,
  attempt: number,
  budget: RetryBudget,
  random: Random,
): RetryDecision {
  if (!RETRYABLE.has(kind)) return { kind: 'give-up', why: 'not-retryable' };
  if (attempt >= MOST_ATTEMPTS) return { kind: 'give-up', why: 'attempts' };
  if (!hasBudget(budget)) return { kind: 'give-up', why: 'budget' };
  const delayMs = fullJitter(attempt - 1, { baseMs: RETRY_FIRST_MS, capMs: RETRY_MOST_MS }, random);
  return { kind: 'retry', delayMs, barHere: BARRING.has(kind) };
}

/** Retries beyond a share of the first attempts are a storm: it is the fleet that is ill. */
export function hasBudget({ firsts, retries }: RetryBudget): boolean {
  return retries < RETRY_FREE + Math.floor(RETRY_BUDGET * firsts);
}

export function countFirst(budget: RetryBudget): RetryBudget {
  return { ...budget, firsts: budget.firsts + 1 };
}

export function countRetry(budget: RetryBudget): RetryBudget {
  return { ...budget, retries: budget.retries + 1 };
}
