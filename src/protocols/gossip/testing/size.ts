import { encodeAs } from '../../../runtime/cbor.js';
import { type Message, messageShape } from '../messages.js';

/** Bytes that a message takes on a link. */
export function encodedSize(message: Message): number {
  return encodeAs(messageShape, message).length;
}
