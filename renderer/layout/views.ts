import { Images, ListVideo, type LucideIcon, ScrollText, Server, Settings, Workflow } from 'lucide-react';
import type { View } from '../store/ui-store.ts';

export interface ViewEntry {
  readonly view: View;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Alt + this digit leads there. */
  readonly digit: number;
}

/** The rail, from top to bottom. */
export const VIEWS: readonly ViewEntry[] = [
  { view: 'fleet', label: 'Fleet', icon: Server, digit: 1 },
  { view: 'runs', label: 'Runs', icon: ListVideo, digit: 2 },
  { view: 'gallery', label: 'Gallery', icon: Images, digit: 3 },
  { view: 'editor', label: 'Editor', icon: Workflow, digit: 4 },
  { view: 'logs', label: 'Logs', icon: ScrollText, digit: 5 },
  { view: 'settings', label: 'Settings', icon: Settings, digit: 6 },
];
