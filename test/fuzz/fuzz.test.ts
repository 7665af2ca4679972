/** A few inputs for each parser every day; ten million in `test/soak/parser-fuzz.soak.ts`. */
import { expect, it } from 'vitest';
import { bombs } from './bombs.js';
import { faultOf } from './judge.js';
import { Mutator } from './mutate.js';
import { parsers } from './parsers.js';

const count = Number(process.env['KVX_INPUTS'] ?? 150);

it.each(parsers)('$name: no input is anything but taken or refused', (parser) => {
  const mutator = new Mutator(Number(process.env['KVX_SEED'] ?? 1), parser.corpus);
  for (let nth = 0; nth < count; nth++) {
    const text = mutator.next();
    expect({ text, fault: faultOf(parser, text) }).toEqual({ text, fault: null });
  }
});

/** The others take their time, if not long; the soak has them. */
const smallBombs = bombs.filter(({ text }) => text().length < 20_000);

it.each(smallBombs)('$name is refused', ({ parser: name, text, says }) => {
  const parser = parsers.find((each) => each.name === name);
  const parse = (): unknown => parser?.parse(text());
  expect(parse).toThrow(says);
  expect(faultOf({ parse }, '')).toBe(null);
});
