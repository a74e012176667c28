import { z } from 'zod';
import type { CommandArgs, CommandName } from './contract.ts';
import { EnsembleError, type FieldProblem } from './errors.ts';
import { agentValidators } from './parse/agents.ts';
import { discoveryValidators } from './parse/discovery.ts';
import {
  flag,
  id,
  LIMITS,
  nothing,
  number,
  plain,
  port,
  runId,
  shape,
  target,
  text,
  time,
  whole,
  workflow,
} from './parse/fields.ts';
import { modelValidators } from './parse/models.ts';
import { providerValidators } from './parse/providers.ts';
import { remoteValidators, removedRemote } from './parse/remote.ts';
import { tunnelPreferences, tunnelValidators } from './parse/tunnel.ts';
import { HOST_NAME, MOST_GATEWAY_NAMES } from './settings.ts';

/** Runtime validation of every command's arguments: whatever crosses a transport is checked here and nowhere else. */

/** Field problems shown for one call: a hostile argument object must not grow a huge answer. */
const MAX_PROBLEMS = 20;

const pixels = whole(0, LIMITS.pixels);
const draft = shape({
  name: plain(LIMITS.name, 1),
  port,
  device: plain(LIMITS.device, 1),
  extraArgs: plain(LIMITS.arguments),
});
/** A form asks for its problems while it is being filled in. */
const unfinishedDraft = draft.extend({ name: plain(LIMITS.name), device: plain(LIMITS.device) });
const removedLocal = shape({
  id,
  type: z.literal('local'),
  name: plain(LIMITS.name, 1),
  port,
  device: plain(LIMITS.device, 1),
  extraArgs: plain(LIMITS.arguments),
  selected: flag,
});
const removed = z.discriminatedUnion('type', [removedLocal, removedRemote], {
  error: 'must be a worker of type "local", "remote" or "cloud"',
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
  discovery: flag.exactOptional(),
  ...tunnelPreferences,
});
const logQuery = shape({
  id,
  after: whole(-1, Number.MAX_SAFE_INTEGER).nullable(),
  limit: whole(1, LIMITS.logLines),
  waitMs: whole(0, LIMITS.waitMs),
});

const runTarget = shape({ runId });
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
  ...remoteValidators,
  ...modelValidators,
  ...tunnelValidators,
  ...providerValidators,
  ...agentValidators,
  ...discoveryValidators,
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
