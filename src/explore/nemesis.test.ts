import { expect, test } from 'vitest';
import { nemesisNames } from '../faults/nemeses.js';
import { simulate } from './simulate.js';

test('all nemeses are at work in a simulated run, and what they did is all that was decided', () => {
  const met = new Set<string>();
  for (const seed of [1, 2, 3, 4, 5]) {
    const options = { mode: 'paxos', seed, nodes: 5, nemesis: nemesisNames };
    const { decisions, traceHash, drawn, violations } = simulate(options);
    expect([violations, drawn.plan.faults]).toEqual([[], []]);
    for (const { drawn: as } of decisions.faults) met.add(as?.kind ?? '');
    expect(simulate({ ...options, decisions }).traceHash).toBe(traceHash);
  }
  const kinds = ['split', 'isolation', 'one-way cut', 'flapping', 'loss', 'kill', 'pause'];
  for (const kind of [...kinds, 'clock jump', 'slow disk', 'delay', 'add node']) {
    expect(met, kind).toContain(kind);
  }
});

test('one nemesis does what it is named for, beside the faults that are asked for', () => {
  const { disturbed, drawn } = simulate({
    ...{ mode: 'quorum', seed: 5, nodes: 4, nemesis: ['halves'], faults: ['pause'] },
  });
  const begun = disturbed.flatMap((each) => (each.change === 'begin' ? [each.fault] : []));
  const kinds = new Set(begun.map(({ drawn: as }) => as?.kind));
  expect([...kinds].filter((kind) => kind !== 'pause')).toEqual(['split']);
  const splits = begun.filter((fault) => fault.drawn?.kind === 'split');
  expect(splits.length).toBeGreaterThan(3);
  for (const fault of splits) {
    // Two of four nodes on either side: eight directions.
    expect(fault).toMatchObject({ type: 'links', rules: { cuts: { length: 8 } } });
  }
  expect(drawn.nemesis).toMatchObject({ names: ['halves'] });
});
