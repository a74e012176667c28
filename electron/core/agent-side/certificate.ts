import { generateKeyPair, randomBytes, sign, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { bits, explicit, generalizedTime, integer, objectId, sequence, set, utf8 } from './der.ts';

/** A certificate that vouches for itself: whoever pairs with this machine keeps it and believes no other there. */

export interface KeyAndCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
}

const COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const VERSION_3 = 2;
/** Fixed, not counted from now: machines without a battery for their clock begin in 1970 or anywhere. */
const VALID_FROM = '20000101000000Z';
const VALID_TO = '99991231235959Z';
const SERIAL_BYTES = 16;

/** P-256, which every TLS stack of today speaks. */
export async function createCertificate(commonName: string): Promise<KeyAndCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectId(ECDSA_WITH_SHA256));
  const name = sequence(set(sequence(objectId(COMMON_NAME), utf8(commonName))));
  const body = sequence(
    explicit(0, integer(Buffer.from([VERSION_3]))),
    integer(randomBytes(SERIAL_BYTES)),
    algorithm,
    name,
    sequence(generalizedTime(VALID_FROM), generalizedTime(VALID_TO)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, privateKey);
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: new X509Certificate(sequence(body, algorithm, bits(signature))).toString(),
  };
}

/** SHA-256, upper-case hex pairs with colons. */
export function fingerprintOf(certificate: string | Buffer): string {
  return new X509Certificate(certificate).fingerprint256;
}
