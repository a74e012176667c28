/** What the control center asks of whatever hosts it: Electron's shell, or a plain Node process. */
export interface HostServices {
  readonly shell: 'desktop' | 'headless';
  readonly canPickFolders: boolean;
  readonly canLaunchAtLogin: boolean;
  /** Resolves to null when the person cancels. Rejects with EnsembleError('unavailable') where there is no dialog. */
  pickFolder(title: string): Promise<string | null>;
  openExternal(url: string): Promise<void>;
  setLaunchAtLogin(enabled: boolean): void;
  /** Begins an orderly quit of the whole host. */
  quit(): void;
}
