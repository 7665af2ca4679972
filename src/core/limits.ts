/**
 * Bounds of what travels. Past each of them comes a clear, definite error, never memory. How great a number may be:
 * `number-bound.ts`.
 */

export const keyBytesMax = 1024;
export const valueBytesMax = 1024 * 1024;

/** One frame on a socket: room for the largest value with its key, and for a well-filled batch. */
export const frameBytesMax = 4 * 1024 * 1024;

/** Protocols that send many entries in one message stop filling it here (one more entry always fits a frame). */
export const batchBytesTarget = 256 * 1024;

export const nodesMax = 64;

/** Of one transaction: its steps, their keys and values as they travel, and what its gets may return. */
export const transactionLimits = {
  stepsMax: 4096,
  bytesMax: frameBytesMax / 2,
  readBytesMax: 2 * valueBytesMax,
} as const;

/** Names of nodes and clients; and texts for people. */
export const nameCharsMax = 64;
export const textCharsMax = 16 * 1024;

/** The longest time that a timer can be set for: Node fires one at once that is set for longer. */
export const timerMsMax = 2 ** 31 - 1;
/** The longest time that a user may ask for, 24 days: below {@link timerMsMax} with what is added to wait for answers. */
export const durationMsMax = 24 * 24 * 3_600_000;
/**
 * What one turn takes of what waits for it; the rest waits for the next. One input more than the bytes is taken, so
 * that the largest gets through.
 */
export const turnLimits = {
  /** Messages, and as many requests. */
  inputsMax: 1024,
  /** Of messages, and as many of requests with their answers. */
  bytesMax: 1024 * 1024,
  /** Messages waiting for a turn; past it batches are lost, as links may lose them. */
  messagesWaitingMax: 262_144,
  /** Bytes of messages waiting: past the first nothing is taken in from who sent last, until there are fewer than the second. */
  bytesWaitingHold: 4 * 1024 * 1024,
  bytesWaitingRelease: 1024 * 1024,
  /** Bytes of messages whose records are not durable; past it no further message is taken. */
  bytesUndurableMax: 4 * 1024 * 1024,
} as const;

/**
 * Requests of one node's clients. Bytes are those of a request and of the answer it is expected to bring. What may not
 * begin waits; past what may wait it is refused as overloaded, definitely.
 */
export const requestLimits = {
  waitingMax: 16_384,
  bytesWaitingMax: 64 * 1024 * 1024,
  /** Under way: taken by the replica and not answered. */
  underWayMax: 2048,
  bytesUnderWayMax: 2 * 1024 * 1024,
  /** Of these, requests whose answer may have any size: this node does not hold the key. */
  unknownUnderWayMax: 64,
  /** Kept free of large requests, so that small ones need not wait for them. */
  bytesForSmall: 2 * 1024 * 1024,
  /** A request with its answer is small up to here. */
  smallBytesMax: 64 * 1024,
} as const;

/** The same for one connection. While it is past one of them, nothing is read from it. */
export const connectionLimits = {
  waitingMax: 256,
  bytesWaitingMax: 1024 * 1024,
  underWayMax: 512,
  /** Under way, and answers that the client has not read. */
  bytesUnderWayMax: 4 * 1024 * 1024,
  /** Answers that the clients of one node together have not read; past it the one that has read nothing for longest is let go. */
  bytesUnreadMax: 64 * 1024 * 1024,
  /** Handed to the socket at a time: small, so that the rest takes no second form in memory. */
  bytesInSocket: 256 * 1024,
} as const;

/** Longest path of a Unix socket that no system cuts short: `sun_path` of the strictest, without its final zero. */
export const socketPathBytesMax = 103;

/** What one node has to say to one peer. */
export const linkLimits = {
  /** Handed to the socket or ring at a time. */
  bytesInTransit: 512 * 1024,
  /** Waiting behind that: past the first no large requests of clients begin, past the second none… */
  bytesWaitingSlow: 4 * 1024 * 1024,
  bytesWaitingStop: 12 * 1024 * 1024,
  /** …and past the third batches are lost. */
  bytesWaitingMax: 32 * 1024 * 1024,
  /** A peer that has taken nothing for so long is waited for by nobody, and keeps no more than these bytes waiting. */
  stalledMs: 500,
  bytesStalledMax: 4 * 1024 * 1024,
} as const;
