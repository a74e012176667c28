import type { GatewayStatus } from '../../shared/contract.ts';
import type { InstanceSnapshot, SetupState } from '../../shared/model.ts';
import type { TunnelStatus } from '../../shared/tunnel.ts';
import type { DialogState, GuideId } from '../store/ui-store.ts';

/** What a guide is made of. */

/** What can be told from here. */
export interface GuideFacts {
  readonly setup: SetupState;
  readonly gpus: number;
  readonly instances: readonly InstanceSnapshot[];
  /** null until it is known. */
  readonly gateway: GatewayStatus | null;
  readonly tunnel: TunnelStatus | null;
}

/** What only the person knows; commands are filled in with it. */
export interface GuideValues {
  /** Of the other machine. */
  readonly host: string;
  readonly port: string;
  /** Where ComfyUI is there. */
  readonly folder: string;
  /** Of a RunPod pod. */
  readonly pod: string;
  /** Of a tunnel. */
  readonly name: string;
}

export interface GuideCommand {
  /** Where it is typed, e.g. "Linux, macOS". */
  readonly label: string;
  readonly text: string;
}

export interface GuideCheck {
  readonly done: boolean;
  /** What was found, or what is missing. */
  readonly words: string;
}

export type GuideAction =
  | { readonly kind: 'dialog'; readonly label: string; readonly dialog: DialogState }
  | { readonly kind: 'settings'; readonly label: string };

export interface GuideStep {
  readonly title: string;
  readonly text: string;
  readonly commands?: readonly GuideCommand[];
  readonly action?: GuideAction;
  /** Absent where nobody can tell from here. */
  readonly check?: GuideCheck;
}

export interface Guide {
  readonly id: GuideId;
  readonly title: string;
  readonly intro: string;
  readonly fields: readonly (keyof GuideValues)[];
  readonly steps: readonly GuideStep[];
}

export const ADD_WORKER: GuideAction = {
  ...{ kind: 'dialog', label: 'Add worker…' },
  dialog: { kind: 'worker-add' },
};

/** How far one is: of the steps that can be told. */
export function progressOf({ steps }: Guide): { readonly done: number; readonly of: number } {
  const checks = steps.flatMap(({ check }) => (check === undefined ? [] : [check]));
  return { done: checks.filter(({ done }) => done).length, of: checks.length };
}
