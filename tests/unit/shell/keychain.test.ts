import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openKeychain } from '../../../electron/shell/keychain.ts';

const system = vi.hoisted(() => ({ backend: 'gnome_libsecret', available: true }));
vi.mock('electron', () => ({
  safeStorage: {
    getSelectedStorageBackend: () => system.backend,
    isAsyncEncryptionAvailable: async () => system.available,
    encryptStringAsync: async (text: string) => Buffer.from(text).reverse(),
    decryptStringAsync: async (bytes: Buffer) => ({
      shouldReEncrypt: false,
      result: Buffer.from(bytes).reverse().toString(),
    }),
  },
}));

describe('the keychain of the system', () => {
  beforeEach(() => Object.assign(system, { backend: 'gnome_libsecret', available: true }));

  it('gives back what it was given', async () => {
    const keychain = await openKeychain('linux');
    const bytes = await keychain?.encrypt('secret');
    expect(bytes?.toString()).toBe('terces');
    expect(await keychain?.decrypt(bytes ?? Buffer.alloc(0))).toBe('secret');
  });

  it('is none where its key is known to everybody, or where it is locked', async () => {
    system.backend = 'basic_text';
    expect(await openKeychain('linux')).toBeNull();
    expect(await openKeychain('darwin')).not.toBeNull();
    Object.assign(system, { backend: 'kwallet6', available: false });
    expect(await openKeychain('linux')).toBeNull();
  });
});
