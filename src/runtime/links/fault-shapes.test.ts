import { expect, it } from 'vitest';
import type { ActiveFault, FaultEffect } from '../../faults/active.js';
import { fromTuple, tupleOf } from '../cbor-tuples.js';
import { storedFaults } from './fault-shapes.js';

it('reads a list of faults as it was stored', () => {
  const direction = { from: 'n1', to: 'n2' };
  const delays = [{ ...direction, meanMs: 0.5 }];
  const faults = { clock: { skewMs: -5, drift: 0.1, sinceMs: 1.5 }, disk: { roomBytes: 9 } };
  const effects: readonly FaultEffect[] = [
    { type: 'links', rules: { delays }, linked: [direction] },
    { type: 'node', node: 'n1', faults },
    { type: 'stopped', node: 'n1', how: 'paused' },
  ];
  const list = {
    nextId: 9,
    faults: effects.map((effect, id): ActiveFault => {
      return { id, words: 'fault delay 1ms', by: 'user', since: 1.5, effect };
    }),
  };
  expect(fromTuple(storedFaults, JSON.parse(JSON.stringify(tupleOf(storedFaults, list))))).toEqual(
    list,
  );
});
