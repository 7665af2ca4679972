/** Messages as a peer may send them that means no good: as they come, but for some of the numbers in them. */
import { numberBound } from '../../core/number-bound.js';
import type { SeededRandom } from '../../core/random.js';
import { type Shape, ShapeError } from '../../core/wire.js';
import { fromTuple, tupleOf } from '../../runtime/cbor-tuples.js';

/** `KVX_SEEDS`: how many, for who has time. */
const seedCount = Number(process.env['KVX_SEEDS'] ?? 2);
export const seeds = Array.from({ length: seedCount }, (_, at) => at + 1);

/** Next to every bound that a number may have, now and at a restart. */
export function extremesAt(wallClock: number): number[] {
  const bound = numberBound(wallClock);
  const powers = [2 ** 32, 2 ** 40, 2 ** 48, 2 ** 50, 2 ** 52, 2 ** 53 - 1];
  return [
    0,
    1,
    ...[...powers, bound, Math.floor(bound / 4096)].flatMap((at) => [at - 1, at, at + 1]),
  ];
}

/** The message with one number or two made extreme; `null` when no message looks like that. */
export function forge<T>(
  shape: Shape<T>,
  message: T,
  extremes: readonly number[],
  random: SeededRandom,
): T | null {
  const wire = structuredClone(tupleOf(shape, message));
  const places: { readonly list: unknown[]; readonly at: number }[] = [];
  collect(wire, places);
  if (places.length === 0) return null;
  for (let changes = 1 + random.below(2); changes > 0; changes--) {
    const { list, at } = random.pick(places);
    list[at] = random.pick(extremes);
  }
  try {
    return fromTuple(shape, wire);
  } catch (error) {
    if (error instanceof ShapeError) return null;
    throw error;
  }
}

function collect(node: unknown, places: { list: unknown[]; at: number }[]): void {
  if (!Array.isArray(node)) return;
  const list: unknown[] = node;
  for (const [at, item] of list.entries()) {
    if (typeof item === 'number') places.push({ list, at });
    else collect(item, places);
  }
}
