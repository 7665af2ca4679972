/**
 * About how many bytes a shape's wire form takes as CBOR: exact for what is large, rough for what is small. All that is
 * sent is weighed, so the commonest kinds come first.
 */
export function weightOf(wire: unknown): number {
  if (typeof wire === 'number') return 9;
  if (typeof wire === 'string') return wire.length + 5;
  if (typeof wire !== 'object' || wire === null) return 9;
  if (Array.isArray(wire)) return weightOfAll(wire) + 5;
  return wire instanceof Uint8Array ? wire.length + 5 : 9;
}

export function weightOfAll(wires: readonly unknown[]): number {
  let bytes = 0;
  for (let at = 0; at < wires.length; at++) bytes += weightOf(wires[at]);
  return bytes;
}
