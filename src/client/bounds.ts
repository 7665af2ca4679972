/** What one connection may have waiting; past it comes `overloaded`. */
export const clientLimits = {
  pendingMax: 65_536,
  /** Keys and values that wait to be written to the socket. */
  unsentBytesMax: 64 * 1024 * 1024,
  /** Written at a time, while the socket takes it. */
  sliceBytes: 256 * 1024,
} as const;
