import { expect, it } from 'vitest';
import { simpler } from './simplify.js';

it('leaves out one type of message after the other', () => {
  const lines = ['cluster up', 'fault cut n1 --type write,read,entries', 'verify'];
  const faults = [...simpler(lines)]
    .map(([, fault]) => fault)
    .filter((line) => /,/.test(line ?? ''));
  expect(faults).toEqual(
    expect.arrayContaining(
      ['read,entries', 'write,entries', 'write,read'].map(
        (types) => `fault cut n1 --type ${types}`,
      ),
    ),
  );
});
