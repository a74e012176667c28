import { X509Certificate } from 'node:crypto';
import { type RequestOptions, request } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { z } from 'zod';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import {
  agentProof,
  BEGIN_PATH,
  begunSchema,
  createNonce,
  doneSchema,
  FINISH_PATH,
  isProof,
  masterProof,
  PAIRING_PROTOCOL,
  type Peer,
  pairingKey,
  readCode,
} from './pairing-proof.ts';
import { theirRefusal } from './their-refusal.ts';

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 65_536;

export interface AgentPlace {
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface Paired {
  readonly agent: Peer;
  /** The agent's own, PEM: believed from now on, and no other. */
  readonly certificate: string;
  readonly token: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** PEM. */
  readonly certificate: string;
}

/**
 * The master's side of pairing.
 * @param typed the code as a person entered it
 * @throws EnsembleError that says who or what is there instead of an agent, or that the code is wrong
 */
export async function pairWith(place: AgentPlace, typed: string, self: Peer): Promise<Paired> {
  const code = readCode(typed);
  if (code === null) {
    throw EnsembleError.badArgument(
      'code',
      'That is no pairing code: it has eight letters and digits, like 7KQ2-M9XD.',
      'The agent prints it; “ensemble agents code” on that machine makes a new one.',
    );
  }
  const masterNonce = createNonce();
  const first = await post(
    place,
    BEGIN_PATH,
    { protocol: PAIRING_PROTOCOL, master: self, nonce: masterNonce },
    null,
  );
  const begun = read(first, begunSchema, place);
  if (begun.agent.id === self.id) {
    throw EnsembleError.badArgument('host', 'That is this very control center.', 'Enter another machine.');
  }
  const { certificate } = first;
  const fingerprint = new X509Certificate(certificate).fingerprint256;
  const transcript = { master: self, agent: begun.agent, masterNonce, agentNonce: begun.nonce, fingerprint };
  const key = await pairingKey(code, transcript);
  const proof = { session: begun.session, proof: masterProof(key) };
  const done = read(await post(place, FINISH_PATH, proof, certificate), doneSchema, place);
  if (!isProof(done.proof, agentProof(key, done.token))) {
    throw new EnsembleError(
      'unauthorized',
      'What answers there does not know the code: it is not the agent that showed it to you.',
      'Compare the fingerprint that the agent prints with the one that is shown here.',
    );
  }
  return { agent: begun.agent, certificate, token: done.token };
}

/** @param believed the certificate that must be shown; null = any, for the one message that learns it */
function post(
  { host, port }: AgentPlace,
  path: string,
  body: unknown,
  believed: string | null,
): Promise<Answer> {
  const trust: RequestOptions =
    believed === null
      ? { rejectUnauthorized: false }
      : { ca: believed, checkServerIdentity: () => undefined };
  const content = Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host, port, path, method: 'POST', agent: false, timeout: TIMEOUT_MS, ...trust },
        headers: { 'content-type': 'application/json', 'content-length': content.byteLength },
      },
      (reply) => {
        const certificate = shownBy(reply.socket);
        const chunks: Buffer[] = [];
        let size = 0;
        reply.on('data', (chunk: Buffer) => {
          size += chunk.byteLength;
          if (size <= MOST_BYTES) chunks.push(chunk);
          else asked.destroy(new Error('its answer is far too long'));
        });
        reply.on('error', (error) => reject(noAgent({ host, port }, messageOf(error))));
        reply.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (certificate === null) reject(noAgent({ host, port }, 'it shows no certificate'));
          else resolve({ status: reply.statusCode ?? 0, text, certificate });
        });
      },
    );
    asked.setTimeout(TIMEOUT_MS, () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    asked.on('error', (error) => reject(noAgent({ host, port }, messageOf(error))));
    asked.end(content);
  });
}

function shownBy(socket: unknown): string | null {
  if (!(socket instanceof TLSSocket)) return null;
  return socket.getPeerX509Certificate()?.toString() ?? null;
}

/** Whoever answers may be anybody. */
function read<T>({ status, text }: Answer, schema: z.ZodType<T>, place: AgentPlace): T {
  const reply = jsonOf(text);
  const refusal = theirRefusal(reply);
  if (refusal !== null) throw refusal;
  const parsed = schema.safeParse(reply);
  if (status === 200 && parsed.success) return parsed.data;
  throw noAgent(place, `something else answers there, with status ${status}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function noAgent({ host, port }: AgentPlace, reason: string): EnsembleError {
  return new EnsembleError(
    'unavailable',
    `No agent answers at ${host}:${port} (${reason}).`,
    'Run “ensemble agent” on that machine, and let its firewall pass this port.',
  );
}
