import { isIP } from 'node:net';
import { connect, type PeerCertificate } from 'node:tls';
import type { ShownCertificate } from '../../../shared/remote.ts';
import type { Clock } from '../ports.ts';

const TIMEOUT_MS = 5_000;

/** What a server shows before anything is sent to it, believed or not; null when it shows none. */
export function fetchCertificate(host: string, port: number, clock: Clock): Promise<ShownCertificate | null> {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connect({ host, port, ...servername, rejectUnauthorized: false });
  return new Promise((resolve) => {
    const settle = (certificate: ShownCertificate | null): void => {
      cancel();
      socket.destroy();
      resolve(certificate);
    };
    const cancel = clock.after(TIMEOUT_MS, () => settle(null));
    socket.once('secureConnect', () => settle(shown(socket.getPeerCertificate())));
    socket.on('error', () => settle(null));
  });
}

function shown({
  raw,
  fingerprint256,
  subject,
  valid_to: validTo,
}: PeerCertificate): ShownCertificate | null {
  // A peer without one gives an empty object, whatever the types say.
  if (!Buffer.isBuffer(raw)) return null;
  const lines = raw.toString('base64').replace(/.{1,64}/g, '$&\n');
  const name = subject.CN;
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    fingerprint: fingerprint256,
    subject: (Array.isArray(name) ? name[0] : name) ?? 'no name',
    validTo,
  };
}
