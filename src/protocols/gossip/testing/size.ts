import { encodeCbor } from '../../../runtime/cbor.js';
import { type Message, messageShape } from '../messages.js';

/** Bytes that a message takes on a link. */
export function encodedSize(message: Message): number {
  return encodeCbor(messageShape.toWire(message)).length;
}
