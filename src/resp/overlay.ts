import type { Key } from '../core/key.js';
import { valueBytesMax } from '../core/limits.js';
import { CommandError, type Values } from './command.js';

/** Values as commands find them, and what they have written over them; the values below stay as they are. */
export class Overlay implements Values {
  /** What was read; a key that is missing here was not. */
  readonly #below: ReadonlyMap<Key, Uint8Array | null>;
  /** In the order in which they were first written. */
  readonly writes = new Map<Key, Uint8Array | null>();
  /** Keys whose value below was looked at. */
  readonly looked = new Set<Key>();
  /** Keys that were looked at and not read before: what was said of them was a guess. */
  readonly missing = new Set<Key>();

  constructor(below: ReadonlyMap<Key, Uint8Array | null>) {
    this.#below = below;
  }

  get(key: Key): Uint8Array | null {
    const written = this.writes.get(key);
    if (written !== undefined) return written;
    const value = this.#below.get(key);
    if (value === undefined) this.missing.add(key);
    else this.looked.add(key);
    return value ?? null;
  }

  set(key: Key, value: Uint8Array | null): void {
    if (value !== null) checkValueBytes(value.length);
    this.writes.set(key, value);
  }
}

/** Throws {@link CommandError} where no value may be so large. */
export function checkValueBytes(bytes: number): void {
  if (bytes <= valueBytesMax) return;
  throw new CommandError(`ERR the value is ${bytes} bytes, at most ${valueBytesMax}`);
}
