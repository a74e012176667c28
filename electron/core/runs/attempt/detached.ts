/** Why a signal aborts that lets go of an attempt without touching its prompt: the next start finds it again. */
export class Detached extends Error {
  override readonly name = 'Detached';
}

export function isDetached(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'Detached';
}
