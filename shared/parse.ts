import { z } from 'zod';
import type { CommandArgs, CommandName } from './contract.ts';
import { EnsembleError, type FieldProblem } from './errors.ts';
import { HOST_NAME, MOST_GATEWAY_NAMES } from './settings.ts';

/** Runtime validation of every command's arguments: whatever crosses a transport is checked here and nowhere else. */

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
  /** Of a window. */
  pixels: 100_000,
} as const;

/** Field problems shown for one call: a hostile argument object must not grow a huge answer. */
const MAX_PROBLEMS = 20;

function text(most: number, least = 0) {
  const expectation =
    least === 0 ? `must be text of at most ${most} characters` : `must be text of 1 to ${most} characters`;
  return z.string({ error: expectation }).min(least, expectation).max(most, expectation);
}

/** A NUL would end the string early in every system call that it reaches. */
function plain(most: number, least = 0) {
  return text(most, least).refine((value) => !value.includes('\0'), 'must not contain a NUL character');
}

function whole(least: number, most: number) {
  const expectation = `must be a whole number from ${least} to ${most}`;
  return z.int({ error: expectation }).min(least, expectation).max(most, expectation);
}

function number(least: number, most: number) {
  const expectation = `must be a number from ${least} to ${most}`;
  return z.number({ error: expectation }).min(least, expectation).max(most, expectation);
}

const flag = z.boolean({ error: 'must be true or false' });

/** Ids name folders on disk, so that nothing but these letters is let through. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const ID_EXPECTATION = 'must be the id of an instance (letters, digits, “-” and “_”, at most 64)';
const id = z.string({ error: ID_EXPECTATION }).regex(ID, ID_EXPECTATION);
const RUN_ID_EXPECTATION = 'must be the id of a run (letters, digits, “-” and “_”, at most 64)';
const runId = z.string({ error: RUN_ID_EXPECTATION }).regex(ID, RUN_ID_EXPECTATION);

function shape<T extends z.core.$ZodLooseShape>(fields: T) {
  return z.strictObject(fields, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return 'must be an object';
      const names = issue.keys.slice(0, 3).map((key) => `“${key.slice(0, 40)}”`);
      return `has fields that are not known: ${names.join(', ')}`;
    },
  });
}

const nothing = shape({});
const target = shape({ id });
const port = whole(1, LIMITS.port);
const pixels = whole(0, LIMITS.pixels);
const draft = shape({
  name: plain(LIMITS.name, 1),
  port,
  device: plain(LIMITS.device, 1),
  extraArgs: plain(LIMITS.arguments),
});
/** A form asks for its problems while it is being filled in. */
const unfinishedDraft = draft.extend({ name: plain(LIMITS.name), device: plain(LIMITS.device) });
const removed = shape({
  id,
  type: z.literal('local', { error: 'must be "local"' }),
  name: plain(LIMITS.name, 1),
  port,
  device: plain(LIMITS.device, 1),
  extraArgs: plain(LIMITS.arguments),
  selected: flag,
});
const install = shape({ root: plain(LIMITS.path, 1), python: plain(LIMITS.path, 1).nullable() });
const source = z.union([shape({ path: plain(LIMITS.path, 1) }), shape({ text: text(LIMITS.text) })], {
  error: 'must be { path } or { text }, within their limits',
});
const hostName = plain(260, 1).regex(HOST_NAME, 'must be a name like gpu.example.com or gpu.example.com:443');
const preferences = shape({
  autoLaunch: flag.exactOptional(),
  stopOnQuit: flag.exactOptional(),
  restartCrashed: flag.exactOptional(),
  theme: z
    .enum(['system', 'light', 'dark'], { error: 'must be "system", "light" or "dark"' })
    .exactOptional(),
  nativeNotifications: flag.exactOptional(),
  closeToTray: flag.exactOptional(),
  launchAtLogin: flag.exactOptional(),
  readyTimeoutSeconds: number(5, LIMITS.readyTimeoutSeconds).exactOptional(),
  telemetrySeconds: number(0.2, LIMITS.telemetrySeconds).exactOptional(),
  gatewayPort: port.exactOptional(),
  gatewayOpen: flag.exactOptional(),
  gatewayNames: z
    .array(hostName, { error: 'must be a list of names' })
    .max(MOST_GATEWAY_NAMES, `must be at most ${MOST_GATEWAY_NAMES} names`)
    .exactOptional(),
  gatewayDistribution: z
    .enum(['balance', 'fan-out', 'master'], { error: 'must be "balance", "fan-out" or "master"' })
    .exactOptional(),
  keepRuns: whole(1, LIMITS.keepRuns).exactOptional(),
  keepRunDays: whole(1, LIMITS.keepRunDays).exactOptional(),
});
const logQuery = shape({
  id,
  after: whole(-1, Number.MAX_SAFE_INTEGER).nullable(),
  limit: whole(1, LIMITS.logLines),
  waitMs: whole(0, LIMITS.waitMs),
});

const runTarget = shape({ runId });
const workflow = text(LIMITS.workflow, 1);
const time = whole(0, Number.MAX_SAFE_INTEGER);
const override = shape({
  node: plain(LIMITS.name, 1),
  input: plain(LIMITS.name, 1),
  value: text(LIMITS.text),
});
const runOptions = shape({
  copies: whole(1, LIMITS.copies).nullable(),
  splitBatch: flag,
  mode: z.enum(['auto', 'participating', 'orchestrator'], {
    error: 'must be "auto", "participating" or "orchestrator"',
  }),
  on: z
    .array(id, { error: 'must be a list of instance ids' })
    .min(1, 'must name at least one instance')
    .max(LIMITS.listIndex)
    .nullable(),
  set: z.array(override, { error: 'must be a list of { node, input, value }' }).max(LIMITS.overrides),
  front: flag,
});
const galleryFilter = shape({
  runId: runId.nullable(),
  instanceId: id.nullable(),
  name: plain(LIMITS.name).nullable(),
  since: time.nullable(),
  until: time.nullable(),
  previews: flag,
});

/** The mapped type makes a command without a validator, or one that yields other arguments, a compile error. */
const VALIDATORS: { readonly [C in CommandName]: z.ZodType<CommandArgs<C>> } = {
  'system.info': nothing,
  'system.quit': nothing,
  'doctor.run': nothing,
  'fleet.snapshot': nothing,
  'fleet.startAll': nothing,
  'fleet.stopAll': nothing,
  'fleet.setParticipation': shape({ participate: flag }),
  'telemetry.history': nothing,
  'instance.start': target,
  'instance.stop': target,
  'instance.restart': target,
  'instance.interrupt': target,
  'instance.freeMemory': target,
  'instance.select': shape({ id, selected: flag }),
  'instance.testPicture': target,
  'worker.suggest': nothing,
  'worker.check': shape({ id: id.nullable(), draft: unfinishedDraft }),
  'worker.add': shape({ draft }),
  'worker.update': shape({ id, draft, restart: flag }),
  'worker.remove': target,
  'worker.restore': shape({ removed, index: whole(0, LIMITS.listIndex) }),
  'gpus.rescan': nothing,
  'comfyui.find': nothing,
  'comfyui.check': install,
  'comfyui.use': install,
  'demo.start': shape({ gpus: whole(1, LIMITS.demoGpus) }),
  'demo.stop': nothing,
  'import.preview': shape({ source }),
  'import.apply': shape({ source }),
  'settings.get': nothing,
  'settings.update': shape({ patch: preferences }),
  'logs.read': logQuery,
  'logs.clear': target,
  'runs.plan': shape({ workflow, options: runOptions }),
  'runs.submit': shape({ name: plain(LIMITS.name, 1), workflow, options: runOptions }),
  'runs.list': shape({ before: time.nullable(), limit: whole(1, LIMITS.runsPage) }),
  'runs.get': runTarget,
  'runs.workflow': runTarget,
  'runs.cancel': runTarget,
  'runs.retry': runTarget,
  'runs.again': runTarget,
  'runs.move': shape({ runId, before: runId.nullable() }),
  'runs.remove': runTarget,
  'queue.pause': nothing,
  'queue.resume': nothing,
  'gallery.list': shape({
    cursor: plain(LIMITS.name).nullable(),
    limit: whole(1, LIMITS.galleryPage),
    filter: galleryFilter,
  }),
  'gateway.status': nothing,
  'gateway.token': nothing,
  'gateway.renewToken': nothing,
  'notices.list': nothing,
  'notices.clear': nothing,
  'shell.pickFolder': shape({ title: plain(LIMITS.name) }),
  'shell.openInstance': target,
  'shell.openGateway': nothing,
  'editor.show': shape({ bounds: shape({ x: pixels, y: pixels, width: pixels, height: pixels }) }),
  'editor.hide': nothing,
  'editor.reload': nothing,
};

export const COMMAND_NAMES: readonly CommandName[] = Object.keys(VALIDATORS).filter(isCommandName);

/** False for everything that an object inherits ("constructor", "__proto__"). */
export function isCommandName(value: unknown): value is CommandName {
  return typeof value === 'string' && Object.hasOwn(VALIDATORS, value);
}

/** @throws EnsembleError('bad-argument') that names each wrong field and what it takes; never anything else */
export function parseCommandArgs<C extends CommandName>(command: C, args: unknown): CommandArgs<C> {
  const validator: z.ZodType<CommandArgs<C>> = VALIDATORS[command];
  const parsed = validator.safeParse(args);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, MAX_PROBLEMS).map(problemOf);
  throw new EnsembleError(
    'bad-argument',
    `${command} was given arguments that it cannot use: ${problems.map(sentenceOf).join('; ')}.`,
    null,
    problems,
  );
}

function problemOf(issue: z.core.$ZodIssue): FieldProblem {
  return { field: issue.path.map(String).join('.') || 'arguments', message: issue.message };
}

function sentenceOf(problem: FieldProblem): string {
  return `${problem.field} ${problem.message}`;
}
