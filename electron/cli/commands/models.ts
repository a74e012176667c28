import type { Tone } from '../../../shared/condition.ts';
import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { ModelInstance, ModelReport, NamedModel, ScriptShell } from '../../../shared/models.ts';
import { summaryOf } from '../../../shared/models.ts';
import { findInstance } from '../connection.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { ModelsRequest } from '../orders.ts';
import { type Cell, paint, type Terminal, table } from '../terminal.ts';

export type ModelsOrder = ModelsRequest & { readonly json: boolean };

const UNITS = ['KiB', 'MiB', 'GiB'] as const;
/** Names in a cell; the rest is counted. */
const MOST_NAMED = 3;

/**
 * Tells where the models of a workflow are, or prints the script that brings them.
 * @param workflow its text
 * @returns whether anything is missing
 */
export async function printModels(
  client: ControlClient,
  order: ModelsOrder,
  workflow: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const instance = order.worker === null ? null : await idOf(client, order.worker);
  if (order.script !== null)
    return printScript(client, { ...order, shell: order.script, instance }, workflow, terminal);
  const report = onlyOf(await client.invoke('models.check', { workflow }), instance);
  if (order.json) terminal.print(JSON.stringify(report));
  else for (const line of reportLines(report, terminal)) terminal.print(line);
  const { instances, models } = report;
  const lacks = (one: ModelInstance): boolean => one.missingModels > 0 || one.canRun === false;
  if (instances.some(lacks)) return EXIT.failed;
  const isUnsure = instances.some(({ canRun }) => canRun === null) && models.length > 0;
  return isUnsure ? EXIT.partial : EXIT.ok;
}

interface ScriptOrder {
  readonly shell: ScriptShell;
  readonly instance: string | null;
  readonly json: boolean;
}

/** The script alone goes to standard output, ready for a file or a pipe. */
async function printScript(
  client: ControlClient,
  { shell, instance, json }: ScriptOrder,
  workflow: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const script = await client.invoke('models.script', { workflow, shell, instance });
  terminal.print(json ? JSON.stringify(script) : script.text.trimEnd());
  for (const sentence of script.leftOut) terminal.printError(`Not in the script: ${sentence}`);
  return script.leftOut.length === 0 ? EXIT.ok : EXIT.partial;
}

/** @throws EnsembleError('bad-argument') for an instance that is not there */
async function idOf(client: ControlClient, target: string): Promise<string> {
  const { instances } = await client.invoke('fleet.snapshot', {});
  try {
    return findInstance(instances, target).id;
  } catch (error) {
    if (!(error instanceof EnsembleError)) throw error;
    throw EnsembleError.badArgument('--worker', error.message, error.hint);
  }
}

function onlyOf(report: ModelReport, instance: string | null): ModelReport {
  const at = report.instances.findIndex(({ id }) => id === instance);
  if (at === -1) return report;
  const models = report.models.map((model) => ({ ...model, on: model.on.slice(at, at + 1) }));
  return { ...report, instances: report.instances.slice(at, at + 1), models };
}

export function reportLines(report: ModelReport, terminal: Terminal): readonly string[] {
  const { instances, models, warnings } = report;
  return [
    `${summaryOf(report)}.`,
    '',
    ...instances.map((one) => `  ${instanceLine(one, terminal)}`),
    ...(models.length === 0 ? [] : ['', ...modelTable(report, terminal)]),
    ...(warnings.length === 0
      ? []
      : ['', ...warnings.map((text) => `${paint(terminal, 'warning', '!')} ${text}`)]),
  ];
}

function instanceLine({ name, id, canRun, why }: ModelInstance, terminal: Terminal): string {
  const [tone, sign]: readonly [Tone, string] =
    canRun === null ? ['neutral', '?'] : canRun ? ['ok', '✓'] : ['error', '✗'];
  return `${paint(terminal, tone, sign)} ${name} (${id}): ${why ?? 'can run it'}`;
}

function modelTable({ models, instances }: ModelReport, terminal: Terminal): readonly string[] {
  const names = instances.map(({ name }) => name);
  const rows = models.map((model): readonly Cell[] => [
    { text: model.name },
    { text: model.folder ?? '?' },
    { text: sizeWords(model), ...(model.sizesDiffer ? { tone: 'warning' } : {}) },
    missingCell(model, names),
    { text: model.url?.url ?? model.urlProblem ?? '–' },
  ]);
  return table(terminal, ['MODEL', 'FOLDER', 'SIZE', 'MISSING ON', 'ADDRESS'], rows);
}

function sizeWords({ on }: NamedModel): string {
  const sizes = on.flatMap((one) => (one.status === 'there' && one.bytes !== null ? [one.bytes] : []));
  const distinct = [...new Set(sizes)];
  return distinct.length === 0 ? '–' : distinct.map(bytesWords).join(' or ');
}

function bytesWords(bytes: number): string {
  const unit = bytes < 1024 ** 2 ? 0 : bytes < 1024 ** 3 ? 1 : 2;
  return `${(bytes / 1024 ** (unit + 1)).toFixed(1)} ${UNITS[unit]}`;
}

function missingCell({ on }: NamedModel, names: readonly string[]): Cell {
  const missing = names.filter((_, at) => on[at]?.status === 'missing');
  if (missing.length > 0) return { text: listed(missing), tone: 'error' };
  const unknown = names.filter((_, at) => on[at]?.status === 'unknown');
  return { text: unknown.length === 0 ? '–' : `not known: ${listed(unknown)}` };
}

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return rest > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${rest} more` : names.join(', ');
}
