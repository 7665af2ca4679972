/**
 * The one codec of kvx: frames between nodes and clients, and records in the journal, are CBOR, written and read by their shape with
 * no tuples in between (`cbor-writer.ts`, `cbor-reader.ts`). Where tuples are wanted as such: `cbor-tuples.ts`.
 */
import type { Shape } from '../core/wire.js';
import { CborReader } from './cbor-reader.js';
import { CborWriter } from './cbor-writer.js';

const writer = new CborWriter();
/** Byte strings have buffers of their own. */
const ownBytes = new CborReader();

/** A value as CBOR; a view into a buffer shared with other values: copy it to keep it for long. */
export function encodeAs<T>(shape: Shape<T>, value: T): Uint8Array {
  writer.truncate(0);
  shape.write(value, writer);
  return writer.written();
}

/** The value whose CBOR these bytes are. Throws a `CborError` or a `ShapeError` when they are not. */
export function decodeAs<T>(shape: Shape<T>, bytes: Uint8Array, reader = ownBytes): T {
  const value = shape.read(reader.open(bytes));
  reader.close();
  return value;
}
