import {
  ExternalLink,
  ImagePlay,
  type LucideIcon,
  MemoryStick,
  OctagonX,
  Play,
  RotateCw,
  Square,
} from 'lucide-react';
import type { InstanceAction } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { runCommand, type Services } from '../store/services.ts';

export interface ActionWords {
  readonly label: string;
  readonly icon: LucideIcon;
  /** Pressed while the card has the focus. */
  readonly key: string;
}

export const ACTION_WORDS: Readonly<Record<InstanceAction, ActionWords>> = {
  launch: { label: 'Launch', icon: Play, key: 'L' },
  stop: { label: 'Stop', icon: Square, key: 'S' },
  restart: { label: 'Restart', icon: RotateCw, key: 'R' },
  'test-picture': { label: 'Queue a test picture', icon: ImagePlay, key: 'T' },
  interrupt: { label: 'Interrupt', icon: OctagonX, key: 'I' },
  'free-memory': { label: 'Free VRAM', icon: MemoryStick, key: 'V' },
  open: { label: 'Open ComfyUI', icon: ExternalLink, key: 'O' },
};

/** The order in menus and on cards, whatever the state offers. */
export const ACTION_ORDER: readonly InstanceAction[] = [
  'launch',
  'test-picture',
  'open',
  'interrupt',
  'free-memory',
  'restart',
  'stop',
];

const COMMANDS = {
  launch: 'instance.start',
  stop: 'instance.stop',
  restart: 'instance.restart',
  interrupt: 'instance.interrupt',
  'free-memory': 'instance.freeMemory',
  'test-picture': 'instance.testPicture',
} as const;

export async function performAction(
  services: Services,
  instance: InstanceSnapshot,
  action: InstanceAction,
): Promise<void> {
  if (action !== 'open') {
    await runCommand(services, COMMANDS[action], { id: instance.id });
  } else if (services.desktop) {
    await runCommand(services, 'shell.openInstance', { id: instance.id });
  } else {
    window.open(instance.url, '_blank', 'noopener');
  }
}

/** Removes a worker and offers to bring it back as it was. */
export async function removeWorker(services: Services, instance: InstanceSnapshot): Promise<void> {
  const result = await runCommand(services, 'worker.remove', { id: instance.id });
  if (result === null) return;
  services.toasts.getState().show({
    level: 'info',
    title: `${instance.name} was deleted`,
    detail: null,
    action: { label: 'Undo', run: () => void runCommand(services, 'worker.restore', result) },
  });
}
