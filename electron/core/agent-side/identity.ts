import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../settings/atomic-file.ts';
import { createCertificate, type KeyAndCertificate } from './certificate.ts';

const FOR_THIS_USER = 0o600;

/**
 * This machine's key and certificate, made once: masters that were paired know it by them.
 * @param folder holds both in one file, so that they cannot come apart
 * @throws what the file system says: an agent whose identity is lost at the next start would be a stranger to all
 */
export async function openIdentity(folder: string, commonName: string): Promise<KeyAndCertificate> {
  const file = path.join(folder, 'identity.pem');
  const kept = read(await readFile(file, 'utf8').catch(() => ''));
  if (kept !== null) return kept;
  const made = await createCertificate(commonName);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileAtomically(file, `${made.key}${made.certificate}`, FOR_THIS_USER);
  return made;
}

/** @returns null when one of the two is missing or damaged, or they do not belong together */
function read(text: string): KeyAndCertificate | null {
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/.exec(text)?.[0];
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(text)?.[0];
  if (key === undefined || certificate === undefined) return null;
  try {
    const matches = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
    return matches ? { key, certificate } : null;
  } catch {
    return null;
  }
}
