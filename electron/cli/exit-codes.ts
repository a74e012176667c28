/** What a script can tell from how `ensemble` ended; --help lists them. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, noControlCenter: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
