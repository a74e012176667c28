/** Where tokens are kept; their values never reach a log or an event. */
export interface SecretStore {
  readonly keys: readonly string[];
  /** Empty when there is none. */
  read(key: string): Readonly<Record<string, string>>;
  /** @throws EnsembleError('settings-unwritable') and nothing has changed then */
  write(key: string, values: Readonly<Record<string, string>>): Promise<void>;
  delete(key: string): Promise<void>;
}
