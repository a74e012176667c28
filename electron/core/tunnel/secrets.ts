/** Where the token of a named tunnel is kept. */
export interface TunnelSecrets {
  read(key: string): Readonly<Record<string, string>>;
  /** @throws EnsembleError('disk-full' | 'settings-unwritable') */
  write(key: string, values: Readonly<Record<string, string>>): Promise<void>;
}

export const TUNNEL_SECRETS = 'tunnel';
