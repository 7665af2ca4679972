/** Bounds of what travels. Past each of them comes a clear, definite error, never memory. */

export const keyBytesMax = 1024;
export const valueBytesMax = 1024 * 1024;

/** One frame on a socket: room for the largest value with its key, and for a well-filled batch. */
export const frameBytesMax = 4 * 1024 * 1024;

/** Protocols that send many entries in one message stop filling it here (one more entry always fits a frame). */
export const batchBytesTarget = 256 * 1024;

export const nodesMax = 64;

/** Names of nodes and clients; and texts for people. */
export const nameCharsMax = 64;
export const textCharsMax = 16 * 1024;

/** The longest time that a timer can be set for: Node fires one at once that is set for longer. */
export const timerMsMax = 2 ** 31 - 1;
/** The longest time that a user may ask for, 24 days: below {@link timerMsMax} with what is added to wait for answers. */
export const durationMsMax = 24 * 24 * 3_600_000;
