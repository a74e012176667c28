import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InstanceId } from '../../shared/model.ts';
import type { ProviderId } from '../../shared/providers.ts';
import type { GalleryFilter, RunId } from '../../shared/runs.ts';

export type View = 'fleet' | 'runs' | 'gallery' | 'editor' | 'logs' | 'settings';

/** What the guides are about. */
export type GuideId = 'local' | 'remote' | 'runpod' | 'cloud' | 'worker-tunnel' | 'gateway-tunnel';

/** A workflow as it was read: the text of a JSON file and the name to run it under. */
export interface WorkflowText {
  readonly name: string;
  readonly text: string;
}

/** Where "Run workflow…" gets its workflow from; null = the last one of this window, if any. */
export type RunSource =
  | { readonly kind: 'file'; readonly file: File }
  /** `seed`: what the first seed is set to; null leaves all of them. */
  | { readonly kind: 'run'; readonly runId: RunId; readonly name: string; readonly seed: string | null };

export const WHOLE_GALLERY: GalleryFilter = {
  runId: null,
  instanceId: null,
  name: null,
  since: null,
  until: null,
  previews: false,
};

export type DialogState =
  | { readonly kind: 'worker-add' }
  | { readonly kind: 'worker-edit'; readonly id: InstanceId }
  | { readonly kind: 'worker-remove'; readonly id: InstanceId }
  /** `provider` null = of all. */
  | { readonly kind: 'rent'; readonly provider: ProviderId | null }
  | { readonly kind: 'stop-all' }
  /** `address` as a person would type it; empty when nobody was picked. */
  | { readonly kind: 'pair-machine'; readonly address: string }
  | { readonly kind: 'picture'; readonly id: InstanceId }
  | { readonly kind: 'run'; readonly source: RunSource | null }
  | { readonly kind: 'run-cancel'; readonly id: RunId }
  | { readonly kind: 'run-remove'; readonly id: RunId }
  | { readonly kind: 'tunnel-open' }
  | { readonly kind: 'guides'; readonly guide: GuideId }
  | { readonly kind: 'palette' }
  | { readonly kind: 'shortcuts' }
  /** "Set up real ComfyUI", whatever the set-up state is. */
  | { readonly kind: 'onboarding' };

export interface UiState {
  readonly view: View;
  /** At most one dialog is open. */
  readonly dialog: DialogState | null;
  /** Whose log the Logs view shows; null = its own choice. */
  readonly logInstance: InstanceId | null;
  /** The run that the Runs view shows; null = its own choice. */
  readonly openedRun: RunId | null;
  readonly galleryFilter: GalleryFilter;
  readonly lastWorkflow: WorkflowText | null;
  /** The notification centre is open. */
  readonly notifications: boolean;
  navigate(view: View): void;
  openDialog(dialog: DialogState): void;
  closeDialog(): void;
  showLogs(id: InstanceId): void;
  openRun(id: RunId): void;
  /** Lets the Runs view show its list alone again. */
  closeRun(): void;
  showGallery(filter: Partial<GalleryFilter>): void;
  rememberWorkflow(workflow: WorkflowText): void;
  toggleNotifications(open?: boolean): void;
}

export type UiStore = StoreApi<UiState>;

export function createUiStore(): UiStore {
  return createStore<UiState>((set, get) => ({
    view: 'fleet',
    dialog: null,
    logInstance: null,
    openedRun: null,
    galleryFilter: WHOLE_GALLERY,
    lastWorkflow: null,
    notifications: false,
    navigate: (view) => set({ view }),
    openDialog: (dialog) => set({ dialog }),
    closeDialog: () => set({ dialog: null }),
    showLogs: (id) => set({ view: 'logs', logInstance: id, dialog: null }),
    openRun: (id) => set({ view: 'runs', openedRun: id, dialog: null }),
    closeRun: () => set({ openedRun: null }),
    showGallery: (filter) =>
      set({ view: 'gallery', galleryFilter: { ...WHOLE_GALLERY, ...filter }, dialog: null }),
    rememberWorkflow: (lastWorkflow) => set({ lastWorkflow }),
    toggleNotifications: (open) => set({ notifications: open ?? !get().notifications }),
  }));
}
