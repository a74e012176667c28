import type { FieldProblem } from '../../shared/errors.ts';
import type { LocalDraft } from '../../shared/instance-commands.ts';
import type { DeviceRef, GpuInfo, InstanceId, InstanceSnapshot } from '../../shared/model.ts';

/** The form of a local worker and its translation from and to what is saved. Pure. */

export const BY_HAND = 'by-hand';
export const CPU = 'cpu';

export interface WorkerForm {
  readonly name: string;
  /** As typed. */
  readonly port: string;
  /** A GPU's UUID, CPU or BY_HAND. */
  readonly choice: string;
  /** What is typed when choice is BY_HAND. */
  readonly deviceByHand: string;
  readonly extraArgs: string;
}

export const EMPTY_FORM: WorkerForm = { name: '', port: '', choice: CPU, deviceByHand: '', extraArgs: '' };

export function formOf(draft: LocalDraft, gpus: readonly GpuInfo[]): WorkerForm {
  const gpu = findGpu(draft.device, gpus);
  const choice = gpu?.uuid ?? (draft.device === CPU ? CPU : BY_HAND);
  return {
    name: draft.name,
    port: String(draft.port),
    choice,
    deviceByHand: choice === BY_HAND ? draft.device : '',
    extraArgs: draft.extraArgs,
  };
}

export function draftOfInstance(instance: InstanceSnapshot): LocalDraft {
  const { name, port, device, extraArgs } = instance;
  return { name, port, device, extraArgs };
}

export type ReadForm =
  | { readonly draft: LocalDraft; readonly problems: readonly [] }
  /** What is not even a draft: it cannot be sent to be checked. */
  | { readonly draft: null; readonly problems: readonly FieldProblem[] };

export function readForm(form: WorkerForm): ReadForm {
  const problems: FieldProblem[] = [];
  const port = Number(form.port.trim());
  if (!/^\s*\d+\s*$/.test(form.port) || port < 1 || port > 65_535) {
    problems.push({ field: 'port', message: 'Enter a port from 1 to 65535.' });
  }
  const name = form.name.trim();
  if (name === '') problems.push({ field: 'name', message: 'Enter a name.' });
  const device = form.choice === BY_HAND ? form.deviceByHand.trim() : form.choice;
  if (device === '')
    problems.push({ field: 'device', message: 'Enter an index such as 1, or a GPU’s UUID.' });
  if (problems.length > 0) return { draft: null, problems };
  return { draft: { name, port, device, extraArgs: form.extraArgs }, problems: [] };
}

export interface DeviceOption {
  readonly value: string;
  readonly label: string;
}

/** Every GPU with its memory and who already uses it, then the CPU, then "by hand". */
export function deviceOptions(
  gpus: readonly GpuInfo[],
  instances: readonly InstanceSnapshot[],
  self: InstanceId | null,
): readonly DeviceOption[] {
  const others = instances.filter((instance) => instance.id !== self);
  const listed = gpus.map((gpu) => {
    const users = others.filter((other) => other.gpuUuid === gpu.uuid).map((other) => other.name);
    const use = users.length === 0 ? 'free' : `used by ${users.join(', ')}`;
    const lost = gpu.health === 'lost' ? ' (lost)' : '';
    const memory = `${Math.round(gpu.memoryTotal / 1024 ** 3)} GB`;
    return { value: gpu.uuid, label: `GPU ${gpu.index}: ${gpu.name}${lost}, ${memory}, ${use}` };
  });
  return [
    ...listed,
    { value: CPU, label: 'CPU (slow)' },
    { value: BY_HAND, label: 'Another device, by hand…' },
  ];
}

/** The form's own problems win over those of an older check. */
export function problemOf(
  field: 'name' | 'port' | 'device' | 'extraArgs',
  ...lists: readonly (readonly FieldProblem[])[]
): string | null {
  for (const list of lists) {
    const found = list.find((problem) => problem.field === field || problem.field === `draft.${field}`);
    if (found !== undefined) return found.message;
  }
  return null;
}

/** Problems that belong to no field of the form. */
export function otherProblems(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  const fields = ['name', 'port', 'device', 'extraArgs'];
  return problems.filter(({ field }) => !fields.includes(field.replace(/^draft\./, '')));
}

function findGpu(device: DeviceRef, gpus: readonly GpuInfo[]): GpuInfo | undefined {
  return gpus.find((gpu) => gpu.uuid === device || String(gpu.index) === device);
}
