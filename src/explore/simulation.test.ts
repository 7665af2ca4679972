import { expect, it } from 'vitest';
import type { Fault } from '../faults/fault.js';
import { simulate } from './simulate.js';

it('asks a node no more that leaves while all is read in the end', () => {
  const leaving: Fault = { type: 'remove node', node: 'n4', atMs: 300, forMs: 1 };
  const { violations, facts } = simulate({
    ...{ mode: 'paxos', seed: 1, nodes: 4, order: 'delay' },
    decisions: { operations: [], faults: [leaving] },
    phases: { durationMs: 301, patienceMs: 0, goOn: false, restart: false, stabilize: false },
  });
  expect(facts.get('nodes removed')).toBe(1);
  expect(violations.map(({ check }) => check)).toEqual(['convergence']);
});
