/**
 * Every number that placement depends on, with where it comes from: "performance §3.n" is the numbered advice of the
 * performance notes, "own" a choice made here and held by the policy benchmark. Times are ms where the name says so.
 */

/** Seconds of loading that one second of waiting outweighs; 0.005 to 0.02 robust, 0.1 thrashes. performance §3.2. */
export const AGE_WEIGHT = 0.02;

/** A work older than this many times its load + run goes before all younger ones. performance §3.2. */
export const AGE_CAP_FACTOR = 10;

/** Works bound to one worker at most: one that runs and one that can be taken back. performance §3.1. */
export const MOST_PER_WORKER = 2;

/**
 * How many times a load counts that drives out another model, when waiting for warm is weighed. own: of 1, 1.5, 2, 3 and 4
 * on six seeds; mean flow 55, 50, 46, 42 and 44 s with cold loads, 28 to 29 s with loads from RAM.
 */
export const EVICTION_PRICE = 3;

/** A work that idle workers were kept from for so many times its load + run there goes to the best of them. own. */
export const MOST_HELD = 3;

/**
 * Slow workers are held back when at most so many works per worker wait. performance §3.4. Only while all that waits is of
 * one kind: planning a mixed queue like that was tried and made mean flow times worse (95 against 55 s).
 */
export const END_GAME_PER_WORKER = 16;

/** How much faster a fleet may have become since its joint pace was worked out. own. */
export const PACE_MARGIN = 1.2;

/** Works × workers up to which the end of a run is planned work by work; beyond, the fleet's pace must do. own. */
export const PLAN_BUDGET = 20_000;

/** Weight of the newest measurement. performance §3.5. */
export const SPEED_WEIGHT = 0.3;

/** One measurement counts as at most so many times what was known: a straggler is no new speed. own. */
export const SPEED_SURPRISE = 2;

/** Measurements that make a speed known well enough to doubt a surprising one. own. */
export const SPEED_TRUSTED_SAMPLES = 3;

/** Ratios whose median speaks for unseen pairs. own. */
export const RATIO_WINDOW = 9;

/** Share of a run that must be seen as steps before its pace is believed. own. */
export const PROGRESS_TRUSTED = 0.1;

/** Weight of the newest transfer: lines change as speeds do, so as SPEED_WEIGHT. own. */
export const LINE_WEIGHT = 0.3;

/** What is smaller than this and quicker than that is a round trip, not a line: a picture over 1 Gb/s takes 8 ms. own. */
export const LINE_LEAST_BYTES = 262_144;
export const LINE_LEAST_SECONDS = 1;

/** Files that are there within so many ms are no reason to look for somebody nearer: an upload's own round trips. own. */
export const BRING_IGNORED_MS = 200;

/** Files that each worker is remembered to have: as many as whoever brings them remembers. own. */
export const MOST_FILES = 10_000;

/** Loading time of a model nobody has loaded yet, seconds: the low end of cold starts. performance §4. */
export const UNKNOWN_LOAD_SECONDS = 10;

/** Below this share of the known loading time a model was there already; above WARM_REFUTED it was not. own. */
export const WARM_PROVEN = 0.25;
export const WARM_REFUTED = 0.5;

/** Models believed resident on one worker at most, however good the evidence. own. */
export const MOST_RESIDENT = 4;

/** A backup copy must be so many times faster than what is left of the original. performance §3.7. */
export const BACKUP_GAIN = 1.2;

/** Share of a run's GPU time that its backup copies may cost. performance §3.7. */
export const BACKUP_BUDGET = 0.1;

/** A prefetched work is taken back when an idle worker ends it sooner by this share of its run there. own. */
export const REVOKE_GAIN = 0.1;

/** A work is taken back so often at most: each time costs a round trip. own. */
export const MOST_REVOKES = 2;

/** What is overdue takes as long again, and at least this share of its run. own. */
export const OVERDUE_SHARE = 0.05;

/** The latest works and the fastest idle workers that are looked at for a rescue at a time. own. */
export const RESCUE_LOOK = 8;

/** Seconds that one prompt of somebody else is thought to take. own. */
export const FOREIGN_SECONDS = 20;

/** How long a held worker waits at most before the decision is looked at again, ms. own. */
export const RECHECK_MS = 1_000;

/** Steps alone are looked at so often at most, ms: they come by the thousand and rarely change a decision. own. */
export const STEPS_EVERY_MS = 250;

/** How long a failing (instance, workflow) pair is left alone, ms: the longest pause of a breaker, five times. own. */
export const QUARANTINE_MS = 600_000;

/** The breaker opens after so many failures in a row … performance §3.10. */
export const BREAKER_CONSECUTIVE = 3;
/** … or when more than this share of the last BREAKER_WINDOW failed. performance §3.10. */
export const BREAKER_SHARE = 0.5;
export const BREAKER_WINDOW = 10;
/** First pause and longest pause, ms; doubles in between. performance §3.10. */
export const BREAKER_FIRST_MS = 5_000;
export const BREAKER_MOST_MS = 120_000;

/** Full jitter between nothing and a ceiling that doubles from the first to the second, ms. performance §3.11. */
export const RETRY_FIRST_MS = 250;
export const RETRY_MOST_MS = 10_000;
/** Dispatches of one work at most, the first included. performance §3.11. */
export const MOST_ATTEMPTS = 3;
/** Retries per first attempt, over all works, once more than RETRY_FREE were needed. performance §3.11. */
export const RETRY_BUDGET = 0.1;
/** Retries that need no budget: a small run on a dying worker must not fail for want of it. own. */
export const RETRY_FREE = 10;
