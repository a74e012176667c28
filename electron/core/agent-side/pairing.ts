import type { PairingCode } from '../../../shared/agents.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { FailureLimit } from '../access/failure-limit.ts';
import { createSecret } from '../access/secrets.ts';
import {
  agentProof,
  createCode,
  createNonce,
  isProof,
  masterProof,
  type Peer,
  pairingKey,
  shownCode,
  type Transcript,
} from '../agents/pairing-proof.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Masters } from './masters.ts';

const CODE_LIFE_MS = 10 * 60_000;
/** From the first message to the proof. */
const SESSION_LIFE_MS = 60_000;
const MOST_SESSIONS = 50;
/** Wrong proofs after which a code is worth nothing any more. */
const MOST_GUESSES = 5;
/** Each takes memory and a tenth of a second of a core. */
const MOST_AT_ONCE = 3;

interface OpenCode {
  readonly code: string;
  readonly expiresAt: number;
  guesses: number;
}

interface Session {
  readonly transcript: Transcript;
  readonly until: number;
}

export interface PairingDeps {
  readonly self: () => Peer;
  /** Of our certificate. */
  readonly fingerprint: string;
  readonly masters: Masters;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The agent's side of pairing: one open code at a time, and whoever claims to know it. */
export class Pairing {
  readonly #deps: PairingDeps;
  readonly #sessions = new Map<string, Session>();
  readonly #failures: FailureLimit;
  #open: OpenCode | null = null;
  #checking = 0;

  constructor(deps: PairingDeps) {
    this.#deps = deps;
    this.#failures = new FailureLimit(deps.clock);
  }

  /** The code that is open, or a new one. */
  code(): PairingCode {
    const open = this.#current() ?? this.#newCode();
    return { code: shownCode(open.code), expiresAt: open.expiresAt };
  }

  /** @throws EnsembleError('unauthorized') while no code is open or too many were wrong */
  begin(
    master: Peer,
    masterNonce: string,
    address: string,
  ): { readonly session: string; readonly agent: Peer; readonly nonce: string } {
    this.#requirePatience(address);
    this.#requireCode();
    const [session, agent, agentNonce] = [createSecret(), this.#deps.self(), createNonce()];
    const { fingerprint, clock } = this.#deps;
    this.#makeRoom();
    this.#sessions.set(session, {
      transcript: { master, agent, masterNonce, agentNonce, fingerprint },
      until: clock.now() + SESSION_LIFE_MS,
    });
    return { session, agent, nonce: agentNonce };
  }

  /**
   * @returns the new master's token, and our own proof over it
   * @throws EnsembleError('unauthorized') for a wrong code, another certificate, or a session that is over
   */
  async finish(
    session: string,
    proof: string,
    address: string,
  ): Promise<{ readonly token: string; readonly proof: string }> {
    this.#requirePatience(address);
    const begun = this.#sessions.get(session);
    // Whatever becomes of it: nobody gets a second try with the same numbers.
    this.#sessions.delete(session);
    const { clock, masters, logger } = this.#deps;
    if (begun === undefined || clock.now() >= begun.until) {
      throw refused('This attempt at pairing is over.', 'Begin again.');
    }
    const open = this.#requireCode();
    const key = await this.#keyOf(open.code, begun.transcript);
    if (!isProof(proof, masterProof(key))) {
      this.#wrong(open, address);
      throw refused(
        'The code is wrong, or something between the two machines shows another certificate than ours.',
        'Compare the fingerprint, and type the code that the agent shows now.',
      );
    }
    // Two may have known it: the first has used it up.
    if (this.#current() !== open) throw noCode();
    this.#open = null;
    const token = await masters.admit(begun.transcript.master);
    logger.info('a control center was paired', { name: begun.transcript.master.name, address });
    return { token, proof: agentProof(key, token) };
  }

  async #keyOf(code: string, transcript: Transcript): Promise<Buffer> {
    if (this.#checking >= MOST_AT_ONCE) {
      throw new EnsembleError('not-ready', 'Others are being paired right now.', 'Try again in a moment.');
    }
    this.#checking += 1;
    try {
      return await pairingKey(code, transcript);
    } finally {
      this.#checking -= 1;
    }
  }

  #wrong(open: OpenCode, address: string): void {
    this.#failures.fail(address);
    open.guesses += 1;
    this.#deps.logger.warn('a wrong pairing code was given', { address });
    if (open.guesses >= MOST_GUESSES && this.#open === open) this.#open = null;
  }

  #requirePatience(address: string): void {
    if (this.#failures.blockedFor(address) === 0) return;
    throw refused('There were too many wrong codes from this address.', 'Wait a minute.');
  }

  #requireCode(): OpenCode {
    const open = this.#current();
    if (open === null) throw noCode();
    return open;
  }

  #current(): OpenCode | null {
    const open = this.#open;
    return open !== null && this.#deps.clock.now() < open.expiresAt ? open : null;
  }

  #newCode(): OpenCode {
    const expiresAt = this.#deps.clock.now() + CODE_LIFE_MS;
    this.#open = { code: createCode(), expiresAt, guesses: 0 };
    return this.#open;
  }

  /** A Map keeps the order of insertion: the oldest goes. */
  #makeRoom(): void {
    for (const key of this.#sessions.keys()) {
      if (this.#sessions.size < MOST_SESSIONS) return;
      this.#sessions.delete(key);
    }
  }
}

function noCode(): EnsembleError {
  return refused(
    'No pairing code is open at the agent: it was used, is older than ten minutes, or was guessed at too often.',
    'Run “ensemble agents code” on that machine for a new one.',
  );
}

function refused(message: string, hint: string): EnsembleError {
  return new EnsembleError('unauthorized', message, hint);
}
