/** Real messages of every mode, taken from simulated runs, with something in them that is not right. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { type Shape, ShapeError } from '../../src/core/wire.js';
import { simulate } from '../../src/explore/simulate.js';
import { modes } from '../../src/protocols/registry.js';
import { CborError } from '../../src/runtime/cbor-reader.js';
import { fromTuple, tupleOf } from '../../src/runtime/cbor-tuples.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const ofEachTypeMax = 8;

/** What the nodes of a few runs said to each other, as tuples; some of each type. */
function messagesOf(mode: string, shape: Shape<unknown>): unknown[] {
  const kept = new Map<unknown, unknown[]>();
  const write = shape.write.bind(shape);
  const said: unknown[] = [];
  vi.spyOn(shape, 'write').mockImplementation((message, sink) => {
    said.push(message);
    write(message, sink);
  });
  for (const seed of [1, 2]) simulate({ mode, seed, durationMs: 800, encodes: true });
  vi.restoreAllMocks();
  for (const message of said) {
    const same = kept.get((message as { type: string }).type) ?? [];
    if (same.length < ofEachTypeMax) same.push(tupleOf(shape, message as never));
    kept.set((message as { type: string }).type, same);
  }
  return [...kept.values()].flat();
}

const oddities: readonly unknown[] = [
  ...[null, undefined, true, -1, 0.5, 2 ** 53, Number.NaN, Number.NEGATIVE_INFINITY, 1e300],
  ...[
    '',
    '\u001b[2J',
    'n\n1',
    '__proto__',
    'ключ',
    [],
    [[]],
    [null, null, null],
    new Uint8Array(2),
  ],
  ...[{}, new Map(), 10n, new Uint8Array(2 * 1024 * 1024), 'x'.repeat(2000)],
];

/** Every place in it: the list, and where in the list. */
function* placesIn(list: unknown[]): Generator<[unknown[], number]> {
  for (let at = 0; at < list.length; at++) {
    yield [list, at];
    if (Array.isArray(list[at])) yield* placesIn(list[at] as unknown[]);
  }
}

const copyOf = (data: unknown): unknown[] => structuredClone(data) as unknown[];

describe.each(modes.map((mode) => ({ name: mode.name, shape: mode.protocol.message })))(
  'a message of $name',
  ({ name, shape }) => {
    const messages = messagesOf(name, shape);
    const read = (raw: unknown): unknown => {
      try {
        return fromTuple(shape, raw);
      } catch (error) {
        expect(error instanceof ShapeError || error instanceof CborError).toBe(true);
        expect((error as Error).message.length).toBeLessThan(500);
        return null;
      }
    };

    it('is read as it was written', () => {
      expect(messages.length).toBeGreaterThan(30);
      for (const raw of messages) expect(tupleOf(shape, read(raw) as never)).toEqual(raw);
    });

    it('is refused by its shape, or exactly what its shape says, whatever stands in its fields', () => {
      const random = new SeededRandom(1);
      let refused = 0;
      for (const raw of messages) {
        for (let change = 0; change < 15; change++) {
          const changed = copyOf(raw);
          const places = [...placesIn(changed)];
          const [list, at] = places[random.below(places.length)] as [unknown[], number];
          const kind = random.next();
          if (kind < 0.7) list[at] = oddities[random.below(oddities.length)];
          else if (kind < 0.85) list.splice(at, 1);
          else list.splice(at, 0, oddities[random.below(oddities.length)]);
          const message = read(changed);
          if (message === null) refused++;
          else expect(fromTuple(shape, tupleOf(shape, message as never))).toEqual(message);
        }
      }
      expect(refused).toBeGreaterThan(messages.length * 7);
    });

    it('has no text and no bytes in it that may be of any size', () => {
      for (const raw of messages) {
        for (const [index, [list, at]] of [...placesIn(copyOf(raw))].entries()) {
          if (typeof list[at] !== 'string' && !(list[at] instanceof Uint8Array)) continue;
          const changed = copyOf(raw);
          const [other, place] = [...placesIn(changed)][index] as [unknown[], number];
          other[place] =
            typeof list[at] === 'string' ? 'x'.repeat(100_000) : new Uint8Array(2 ** 21);
          expect(read(changed)).toBeNull();
        }
      }
    });
  },
);
