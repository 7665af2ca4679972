/** About how many bytes a shape's wire form takes as CBOR: exact for what is large, rough for what is small. */
export function weightOf(wire: unknown): number {
  if (typeof wire === 'string') return wire.length + 5;
  if (Array.isArray(wire)) {
    let bytes = 5;
    for (let at = 0; at < wire.length; at++) bytes += weightOf(wire[at]);
    return bytes;
  }
  if (wire instanceof Uint8Array) return wire.length + 5;
  return 9;
}
