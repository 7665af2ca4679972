/**
 * What goes to several nodes and into journals, and is kept for long: it is encoded once, by who makes it. Whoever reads it
 * keeps the bytes that it came as, sends and persists these, and may let go of the objects.
 */
import type { Packed, Shape } from './shape.js';

/** Remembers its bytes once it was written or read; a copy of its fields does not. It must never change. */
export abstract class Packable {
  #packed: Packed | null = null;

  /** `null`: it was not written yet, or it is none. */
  static packed(value: object): Packed | null {
    return value instanceof Packable ? value.#packed : null;
  }

  static remember<T extends object>(value: T, packed: Packed): T {
    if (value instanceof Packable) value.#packed = packed;
    return value;
  }
}

/** As `shape`, with the same bytes. `make`: what is read is made a {@link Packable} of. */
export function packable<T extends object>(shape: Shape<T>, make: (fields: T) => T): Shape<T> {
  const { greatest } = shape;
  return {
    write(value, sink) {
      const packed = Packable.packed(value);
      if (packed !== null && sink.packed !== undefined) sink.packed(packed);
      else if (sink.pack === undefined || !(value instanceof Packable)) shape.write(value, sink);
      else Packable.remember(value, sink.pack(shape, value));
    },
    read(source) {
      const { position } = source;
      const value = make(shape.read(source));
      return Packable.remember(value, source.packedFrom(position));
    },
    ...(greatest && { greatest }),
  };
}
