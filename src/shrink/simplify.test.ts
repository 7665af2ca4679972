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

it('isolates a node for which all were cut off one by one', () => {
  const lines = [
    ...['cluster up -n 4', 'fault cut n1>n2', 'fault cut n3>n2', 'fault cut n4>n2'],
    ...['fault cut n4>n3', 'expect get x 1'],
  ];
  expect([...simpler(lines)]).toContainEqual([
    ...['cluster up -n 4', 'fault isolate n2', 'fault cut n4>n3', 'expect get x 1'],
  ]);
});
