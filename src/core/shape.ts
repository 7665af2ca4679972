/** What a shape is, and what it writes to and reads from; see `wire.ts`. */
import type { WordTable } from './word-table.js';

export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** A value as bytes, for who writes it again or reads it later: thousands of objects cost at each collection, bytes nothing. */
export interface Packed {
  /** By the shape that wrote it. Made anew each time. */
  read<T>(shape: Shape<T>): T;
}

/** Takes a tuple item by item. */
export interface Sink {
  /** The next `length` items are those of a list. */
  list(length: number): void;
  /** What needs no shape, as it is. */
  item(value: unknown): void;
  /** Writes a value, and returns what it wrote; absent, as `packed` is, where no bytes are made. */
  pack?<T>(shape: Shape<T>, value: T): Packed;
  /** Writes a value as it was written before. */
  packed?(value: Packed): void;
}

/** Gives a tuple item by item. What is asked for and does not come next stays where it is. */
export interface Source {
  /** How many items the list has that comes next, and these are next; -1 when there is none. */
  list(): number;
  /** True when `null` came. */
  nothing(): boolean;
  /** A whole number from 0; -1 when there is none. */
  count(): number;
  text(): string | null;
  bytes(): Uint8Array | null;
  /** What the table has under the text that comes next. */
  find<V>(table: WordTable<V>): V | null;
  /** What comes next, whatever it is. */
  item(): unknown;
  /** Names what comes next. */
  readonly position: number;
  /** The one value that was read from there up to what comes next. */
  packedFrom(position: number): Packed;
}

export interface Shape<T> {
  write(value: T, sink: Sink): void;
  /** Throws {@link ShapeError} when what comes next is not of this shape. */
  read(source: Source): T;
  /** Of the numbers in a value that are marked as `counted`; absent where none is. */
  greatest?(value: T): number;
  /** Of a union: the types there are. */
  readonly types?: readonly string[];
}
