import type { Shape } from '../../../core/wire.js';

/** As it would come out at the other end: plain data, nothing shared with the original but byte strings. */
export function encodedAndBack<T>(shape: Shape<T>, value: T): T {
  return shape.fromWire(shape.toWire(value));
}
