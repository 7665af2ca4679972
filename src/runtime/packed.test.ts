/** What is encoded once: the same bytes, whoever writes it, and objects again when somebody asks. */
import { describe, expect, test } from 'vitest';
import { Packable, packable } from '../core/packed.js';
import * as wire from '../core/wire.js';
import { decodeAs, encodeAs } from './cbor.js';

const fields = wire.struct({ name: wire.name, values: wire.list(wire.value) });
type Letter = wire.Shaped<typeof fields>;

class PackableLetter extends Packable implements Letter {
  readonly name: string;
  readonly values: readonly Uint8Array[];

  constructor({ name, values }: Letter) {
    super();
    this.name = name;
    this.values = values;
  }
}

const letter = packable(fields, (plain: Letter): Letter => new PackableLetter(plain));
const plain = (bytes: number): Letter => ({ name: 'n1', values: [new Uint8Array(bytes).fill(7)] });
/** As text: to compare long bytes one by one takes seconds. */
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const encoded = (value: Letter): Buffer => Buffer.from(encodeAs(letter, value));

describe.each([0, 100, 20_000])('a value of %d bytes', (bytes) => {
  test('is written as it would be without, the first time and again', () => {
    const value = new PackableLetter(plain(bytes));
    const expected = hexOf(encodeAs(fields, plain(bytes)));
    expect([hexOf(encoded(value)), hexOf(encoded(value))]).toEqual([expected, expected]);
  });

  test('is known by its bytes alone once it was read, whatever becomes of the buffer', () => {
    const frame = encoded(plain(bytes));
    const read = decodeAs(letter, frame);
    frame.fill(0);
    for (let other = 0; other < 100; other++) decodeAs(letter, encoded(plain(other)));
    expect(hexOf(encoded(read))).toBe(hexOf(encoded(plain(bytes))));
    const again = Packable.packed(read)?.read(letter);
    expect(hexOf(again?.values[0] as Uint8Array)).toBe(hexOf(plain(bytes).values[0] as Uint8Array));
  });
});

test('it is encoded once', () => {
  const value = new PackableLetter(plain(10));
  const before = encoded(value);
  // Nobody may do this: it shows who looks at it.
  value.values[0]?.fill(1);
  expect(encoded(value)).toEqual(before);
});

test('a copy of its fields, and one that is none, are encoded each time', () => {
  const read = decodeAs(letter, encoded(plain(10)));
  expect(Packable.packed({ ...read })).toBeNull();
  const other = { ...read, name: 'n2' };
  expect(hexOf(encoded(other))).toBe(hexOf(encodeAs(fields, other)));
});
