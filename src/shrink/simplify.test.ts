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

it('leaves no operation untried, as it may fail where the mistake is mended', () => {
  const lines = ['cluster up', 'try put k 1', 'try node kill n1', '  try fault heal', 'verify'];
  const all = [...simpler(lines)];
  expect(all).toContainEqual(lines.with(2, 'node kill n1'));
  expect(all).toContainEqual(lines.with(3, '  fault heal'));
  expect(all.flat()).not.toContain('put k 1');
});

it('takes a flag with all that its quotes hold', () => {
  const lines = ['cluster up --mode "./my modes/mine.js" -n 3', 'verify'];
  const ups = [...simpler(lines)].map(([up]) => up);
  expect(ups).toEqual(['cluster up -n 3', expect.stringMatching(/mine.js"$/), expect.anything()]);
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
