import { chmod, readFile } from 'node:fs/promises';
import { messageOf } from '../../../../shared/errors.ts';
import { createSecret, fingerprint, sameSecret } from '../../access/secrets.ts';
import { Emitter } from '../../ports.ts';
import { writeFileAtomically } from '../../settings/atomic-file.ts';

/** 256 bits, as createSecret writes them. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const FOR_THIS_USER = 0o600;

/** What other machines show to come in: one token, made once and kept in a file that this user alone can read. */
export class AccessKey {
  readonly #renewed = new Emitter<void>();
  #token: string;

  private constructor(
    private readonly file: string,
    token: string,
    /** Why it will be another one at the next start; null when it is kept. */
    readonly problem: string | null,
  ) {
    this.#token = token;
  }

  /** Never fails: a token that cannot be kept is still one. */
  static async open(file: string): Promise<AccessKey> {
    const kept = await readFile(file, 'utf8').catch(() => '');
    if (TOKEN.test(kept.trim())) {
      // Windows knows no such mode: there the folder of the user has to do.
      await chmod(file, FOR_THIS_USER).catch(() => undefined);
      return new AccessKey(file, kept.trim(), null);
    }
    const token = createSecret();
    const problem = await writeFileAtomically(file, `${token}\n`, FOR_THIS_USER).then(
      () => null,
      (error: unknown) => `The token could not be written to ${file}: ${messageOf(error)}.`,
    );
    return new AccessKey(file, token, problem);
  }

  get token(): string {
    return this.#token;
  }

  /**
   * What a browser keeps in place of the token: it ends with it, and does not tell it.
   * @param host the name of a tunnel, beyond which it is worth nothing: somebody else may be given that name later
   */
  passFor(host: string | null): string {
    return fingerprint(`a browser with ${this.#token}${host === null ? '' : ` at ${host}`}`);
  }

  isToken(given: string): boolean {
    return sameSecret(given, this.#token);
  }

  isPass(given: string, host: string | null): boolean {
    return sameSecret(given, this.passFor(host));
  }

  /** @throws what the file system says; the old token then stays */
  async renew(): Promise<string> {
    const token = createSecret();
    await writeFileAtomically(this.file, `${token}\n`, FOR_THIS_USER);
    this.#token = token;
    this.#renewed.emit();
    return token;
  }

  onRenewed(listener: () => void): () => void {
    return this.#renewed.on(listener);
  }
}
