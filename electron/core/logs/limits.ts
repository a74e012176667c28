/** How much of a log is kept, and how often its file is looked at. */

export const RING_LINES = 10_000;
export const RING_CHARACTERS = 8 * 1024 * 1024;
export const MAX_BYTES = 16 * 1024 * 1024;
/** Of an existing file at the start: enough to fill the ring with ordinary lines. */
export const HISTORY_BYTES = 2 * 1024 * 1024;
/** The pause between two reads while more is waiting: the event loop serves everybody else meanwhile. */
export const BACKLOG_MS = 2;
export const GROWING_MS = 50;
export const WATCHED_MS = 100;
export const IDLE_MS = 2_000;
/** A line without an end is shown after this pause; one that overwrites itself (a progress bar) less often. */
export const PARTIAL_MS = 1_000;
export const PROGRESS_MS = 10_000;
/** Most that one synchronous catch-up reads. */
export const CATCH_UP_CHUNKS = 128;
