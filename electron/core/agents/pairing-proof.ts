import { createHash, createHmac, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';

/**
 * How two machines that share a short code come to trust each other. Both sides use this; nothing here is sent.
 *
 *   master → agent   begin   its id and name, a fresh nonce; over TLS whose certificate nobody vouches for
 *   agent  → master  begun   its id and name, a fresh nonce, a session that one answer can be given to
 *   master → agent   finish  HMAC(K, "master"), over a connection with the same certificate
 *   agent  → master  done    a fresh token and HMAC(K, "agent" and the token)
 *
 * K = scrypt(code, hash of everything that was said and of the certificate that this side saw or has). Somebody in between
 * needs a certificate of their own, so that the two sides get different keys and each finds the other's proof wrong. A
 * recorded exchange proves nothing later: both nonces are new each time, a session and a code work once.
 *
 * Its limit: somebody in between, or who pretends to be the agent, gets the master's proof and can try codes against it.
 * 40 bits at 32 MiB and about a tenth of a second each are years of many GPUs; the code is worth something for ten minutes.
 */

export const PAIRING_PROTOCOL = 1;
export const BEGIN_PATH = '/pair/begin';
export const FINISH_PATH = '/pair/finish';
/** For a paired master that lets go. */
export const END_PATH = '/pair/end';

/** Crockford's base 32: nothing in it looks like something else. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LETTERS = 8;
const NONCE_BYTES = 32;
const KEY_BYTES = 32;
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1_048_576 };

const peerName = z.string().min(1).max(200);
const peerId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
const nonce = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const peerSchema = z.object({ id: peerId, name: peerName });
export type Peer = z.infer<typeof peerSchema>;

export const beginSchema = z.object({
  protocol: z.literal(PAIRING_PROTOCOL, {
    error: 'speaks another version: install the same one on both machines',
  }),
  master: peerSchema,
  nonce,
});
export const begunSchema = z.object({ session: nonce, agent: peerSchema, nonce });
export const finishSchema = z.object({ session: nonce, proof: nonce });
export const doneSchema = z.object({ token: nonce, proof: nonce });

/** What both sides must agree on before the code is looked at. */
export interface Transcript {
  readonly master: Peer;
  readonly agent: Peer;
  readonly masterNonce: string;
  readonly agentNonce: string;
  /** Of the certificate that the master was shown, or that the agent has. */
  readonly fingerprint: string;
}

export function createCode(): string {
  return Array.from({ length: CODE_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** "7KQ2-M9XD", as it is read out. */
export function shownCode(code: string): string {
  return `${code.slice(0, CODE_LETTERS / 2)}-${code.slice(CODE_LETTERS / 2)}`;
}

/** @returns null for what cannot be a code, however it was typed */
export function readCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return code.length === CODE_LETTERS && [...code].every((letter) => LETTERS.includes(letter)) ? code : null;
}

/** 256 random bits. */
export function createNonce(): string {
  return randomBytes(NONCE_BYTES).toString('base64url');
}

/** Slow on purpose. */
export async function pairingKey(code: string, transcript: Transcript): Promise<Buffer> {
  const { master, agent, masterNonce, agentNonce, fingerprint } = transcript;
  const said = [PAIRING_PROTOCOL, master.id, master.name, agent.id, agent.name];
  const salt = createHash('sha256')
    .update(JSON.stringify(['comfy-ensemble pairing', ...said, masterNonce, agentNonce, fingerprint]))
    .digest();
  const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);
  return derive(code, salt, KEY_BYTES, COST);
}

export function masterProof(key: Buffer): string {
  return proof(key, 'master');
}

export function agentProof(key: Buffer, token: string): string {
  return proof(key, `agent ${token}`);
}

/** In a time that tells nothing about where the two differ. */
export function isProof(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}

function proof(key: Buffer, said: string): string {
  return createHmac('sha256', key).update(said).digest('base64url');
}
