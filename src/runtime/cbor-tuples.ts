/**
 * Values as tuples, for the JSON of a few state files: made of their CBOR, and it of them by cbor-x, which comes in by a
 * subpath that is plain JavaScript; its native accelerator is never loaded.
 */
import { Encoder } from 'cbor-x/encode';
import { plain, type Shape } from '../core/wire.js';
import { decodeAs, encodeAs } from './cbor.js';

/** Made when the first asks: few do. */
let encoder: Encoder | undefined;
/** Whatever tuples are made of. */
export const anything = plain<unknown>('anything', () => true);

/** A value as lists, byte strings, texts, numbers, booleans and `null`. */
export function tupleOf<T>(shape: Shape<T>, value: T): unknown {
  return decodeAs(anything, encodeAs(shape, value));
}

/** The value whose tuple this is. Throws a `CborError` or a `ShapeError` when it is none. */
export function fromTuple<T>(shape: Shape<T>, tuple: unknown): T {
  encoder ??= new Encoder({ useRecords: false, tagUint8Array: false });
  return decodeAs(shape, encoder.encode(tuple));
}
