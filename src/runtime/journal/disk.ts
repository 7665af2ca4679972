/**
 * The few things a journal needs of a disk. `FileDisk` does them with files; the simulator's disk can lose or tear
 * what was not synced. The journal above it is the same code in both.
 *
 * Reading and making files are synchronous (they happen at start and when a segment is full); appending goes to the
 * operating system at once; syncing calls back.
 */
export interface Disk {
  /** Names of the files in this node's folder, in no particular order. */
  list(): string[];
  read(name: string): Uint8Array;
  /** Makes an empty file, open for appending. Durable (name included) once its first `sync` has called back. */
  create(name: string): DiskFile;
  /** Opens an existing file for appending, cut to `length` bytes. */
  open(name: string, length: number): DiskFile;
  /** Renames atomically, replacing `to`; durable before it returns. */
  rename(from: string, to: string): void;
  remove(name: string): void;
}

export interface DiskFile {
  /** Appends all of `bytes`; the caller may reuse them afterwards. Throws when the disk is full or broken. */
  append(bytes: Uint8Array): void;
  /** Calls back when all that was appended before the call would survive a power cut. One at a time. */
  sync(done: (error: Error | null) => void): void;
  close(): void;
}
