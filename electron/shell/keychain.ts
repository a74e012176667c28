import { safeStorage } from 'electron';
import type { Keychain } from '../core/settings/secrets.ts';

/**
 * The operating system's keychain. Only after the app is ready.
 * @returns null where there is none: on Linux without a keyring Chromium would use a password that everybody knows
 */
export async function openKeychain(platform: NodeJS.Platform): Promise<Keychain | null> {
  if (platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return null;
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return null;
  return {
    encrypt: (text) => safeStorage.encryptStringAsync(text),
    decrypt: async (bytes) => (await safeStorage.decryptStringAsync(bytes)).result,
  };
}
