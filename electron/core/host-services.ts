import type { EditorState, PaneBounds } from '../../shared/editor.ts';
import type { Keychain } from './settings/secrets.ts';

/** What the control center asks of whatever hosts it: Electron's shell, or a plain Node process. */
export interface HostServices {
  readonly shell: 'desktop' | 'headless';
  readonly canPickFolders: boolean;
  readonly canLaunchAtLogin: boolean;
  /** Resolves to null when the person cancels. Rejects with EnsembleError('unavailable') where there is no dialog. */
  pickFolder(title: string): Promise<string | null>;
  openExternal(url: string): Promise<void>;
  setLaunchAtLogin(enabled: boolean): void;
  /** The operating system's keychain; null where there is none that keeps anything secret. */
  openKeychain(): Promise<Keychain | null>;
  /** null where there is no window that could show the ComfyUI page. */
  readonly editor: HostEditor | null;
  /** Begins an orderly quit of the whole host. */
  quit(): void;
}

/** The ComfyUI page in a view of its own, over the control center's page. */
export interface HostEditor {
  /** Begins the page where there is none, or none of this address. Rejects nothing: what fails is a state. */
  show(url: string, bounds: PaneBounds): EditorState;
  hide(): void;
  reload(): void;
  /** @returns unsubscribes */
  onState(listener: (state: EditorState) => void): () => void;
}
