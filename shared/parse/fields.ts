import { z } from 'zod';

/** What the argument schemas of all commands are made of: each with its expectation in words. */

const KIBIBYTE = 1024;
export const LIMITS = {
  port: 65_535,
  logLines: 5000,
  waitMs: 30_000,
  /** The text of an imported configuration. */
  text: KIBIBYTE * KIBIBYTE,
  path: 4096,
  arguments: 16 * KIBIBYTE,
  name: 200,
  device: 200,
  demoGpus: 64,
  listIndex: 10_000,
  readyTimeoutSeconds: 86_400,
  telemetrySeconds: 3600,
  keepRuns: 1_000_000,
  keepRunDays: 36_500,
  /** The text of a workflow, characters. Real ones with embedded pictures reach some MB. */
  workflow: 32 * KIBIBYTE * KIBIBYTE,
  /** Shards of one run. */
  copies: 100_000,
  overrides: 1000,
  runsPage: 500,
  galleryPage: 500,
  /** Of a domain name. */
  host: 253,
  headers: 50,
  /** A PEM file, characters. */
  certificate: 64 * KIBIBYTE,
  /** Of a window. */
  pixels: 100_000,
} as const;

export function text(most: number, least = 0) {
  const expectation =
    least === 0 ? `must be text of at most ${most} characters` : `must be text of 1 to ${most} characters`;
  return z.string({ error: expectation }).min(least, expectation).max(most, expectation);
}

/** A NUL would end the string early in every system call that it reaches. */
export function plain(most: number, least = 0) {
  return text(most, least).refine((value) => !value.includes('\0'), 'must not contain a NUL character');
}

export function whole(least: number, most: number) {
  const expectation = `must be a whole number from ${least} to ${most}`;
  return z.int({ error: expectation }).min(least, expectation).max(most, expectation);
}

export function number(least: number, most: number) {
  const expectation = `must be a number from ${least} to ${most}`;
  return z.number({ error: expectation }).min(least, expectation).max(most, expectation);
}

export const flag = z.boolean({ error: 'must be true or false' });

/** Ids name folders on disk, so that nothing but these letters is let through. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const ID_EXPECTATION = 'must be the id of an instance (letters, digits, “-” and “_”, at most 64)';
export const id = z.string({ error: ID_EXPECTATION }).regex(ID, ID_EXPECTATION);
const RUN_ID_EXPECTATION = 'must be the id of a run (letters, digits, “-” and “_”, at most 64)';
export const runId = z.string({ error: RUN_ID_EXPECTATION }).regex(ID, RUN_ID_EXPECTATION);

export function shape<T extends z.core.$ZodLooseShape>(fields: T) {
  return z.strictObject(fields, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return 'must be an object';
      const names = issue.keys.slice(0, 3).map((key) => `“${key.slice(0, 40)}”`);
      return `has fields that are not known: ${names.join(', ')}`;
    },
  });
}

export const nothing = shape({});
export const target = shape({ id });
export const port = whole(1, LIMITS.port);
export const time = whole(0, Number.MAX_SAFE_INTEGER);
export const workflow = text(LIMITS.workflow, 1);
