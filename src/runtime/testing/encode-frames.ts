import type { Shape } from '../../core/wire.js';
import { writeFrames } from '../links/frames.js';

/** As frames are written, each in a buffer of its own. */
export function encodeFrames<T>(shape: Shape<T>, values: readonly T[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  writeFrames(shape, values, (frame) => frames.push(frame.slice()));
  return frames;
}
