/**
 * The one codec of kvx: frames on sockets and ports, and records in the journal, are CBOR made and read here.
 *
 * cbor-x comes in by subpaths that are plain JavaScript; its native accelerator is never loaded.
 */
import { Decoder } from 'cbor-x/decode';
import { Encoder } from 'cbor-x/encode';

/** Bytes that are not one whole CBOR item. */
export class CborError extends Error {
  override readonly name = 'CborError';
}

const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false, mapsAsObjects: false });
// Byte strings are copied out: a small value must not pin the chunk or the file that it came in.
Object.assign(decoder, { copyBuffers: true });

/**
 * The CBOR form of plain data. What comes back is a view into a buffer shared with other items: copy it to transfer
 * or to keep it for long.
 */
export function encodeCbor(data: unknown): Uint8Array {
  return encoder.encode(data);
}

/** Reads exactly one item. Throws {@link CborError}. Maps come back as `Map`, byte strings as `Uint8Array`. */
export function decodeCbor(bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new CborError(`not CBOR: ${error instanceof Error ? error.message : String(error)}`);
  }
}
