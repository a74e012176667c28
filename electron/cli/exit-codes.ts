/** What a script can tell from how `ensemble` ended; --help lists them. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, partial: 3, noControlCenter: 4, detached: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
