/**
 * The few things a journal needs of a disk. `FileDisk` does them with files; the simulator's disk can lose or tear
 * what was not synced. The journal above it is the same code in both.
 *
 * Reading and making files are synchronous (they happen at start and when a segment is full); appending goes to the
 * operating system at once; syncing calls back. Every function may throw what the disk said (`ENOSPC`, `EIO`, ...).
 */
export interface Disk {
  /** Where the files are, as a user would look for them. For messages. */
  readonly place: string;
  /**
   * Takes the folder for one opener: throws a `JournalError` (`in use`) while another has it, in this process or in any.
   * The lock of a process that is gone is no lock. The function returned gives it back; it may be called twice.
   */
  lock(): () => void;
  /** Names of what is in this node's folder, in no particular order. */
  list(): string[];
  /** In bytes. */
  size(name: string): number;
  /** `length` bytes from `offset` on, all of which must be there. */
  read(name: string, offset: number, length: number): Uint8Array;
  /**
   * Makes an empty file, open for appending. Durable (its name, and what was removed before, included) once its first
   * `sync` has called back. Throws when there is one of that name. One that `reserves` may be longer than what was appended:
   * zeros follow until it is closed, also after a crash. A sync is cheaper when it need not make a new size durable.
   */
  create(name: string, reserves?: boolean): DiskFile;
  /**
   * Opens an existing file for appending, cut to `length` bytes. What is left, its name and all earlier removals are
   * durable before it returns: after a process was killed, what it had written but not synced can be read, and whoever
   * reads it will build on it.
   */
  open(name: string, length: number): DiskFile;
  /** Renames atomically, replacing `to`; the name is durable before it returns, the content as far as it was synced. */
  rename(from: string, to: string): void;
  /** Gone at once, but after a power cut it may be back unless `open`, `rename` or a first `sync` was done since. */
  remove(name: string): void;
}

export interface DiskFile {
  /** Appends all of `bytes`; the caller may reuse them afterwards. Throws when the disk is full or broken. */
  append(bytes: Uint8Array): void;
  /**
   * Calls back when all that was appended before the call would survive a power cut. One at a time; never calls back
   * from within, nor after `close`.
   */
  sync(done: (error: Error | null) => void): void;
  /** The same, but done when it returns; throws what the disk says. Not for turns: everything waits for it. */
  syncNow(): void;
  /**
   * Does what `syncNow` does where that takes no longer than to be called back, as far as the disk can tell from how long
   * syncs took lately: two threads need not be woken. False when it did nothing.
   */
  syncIfQuick(): boolean;
  close(): void;
}
