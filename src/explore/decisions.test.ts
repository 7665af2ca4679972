import { expect, it } from 'vitest';
import { modes } from '../protocols/registry.js';
import { orderNames } from '../sim/event-order.js';
import { simulate } from './simulate.js';

it.each(modes.map(({ name }, at) => [name, orderNames[at % orderNames.length]] as const))(
  'are all that a run of %s decides but its chance, its events in the order %s',
  (mode, order = 'delay') => {
    const drawn = simulate({ mode, seed: 2, nodes: 5, order });
    const { decisions } = drawn;
    expect(decisions.operations.length).toBeGreaterThan(30);
    expect(decisions.faults.length).toBeGreaterThan(3);
    const decided = simulate({ mode, seed: 2, nodes: 5, order, decisions });
    expect(decided.decisions).toEqual(decisions);
    expect(decided.traceHash).toBe(drawn.traceHash);
  },
);

it('can be left out one by one: what comes before is as it was', () => {
  const mode = 'quorum';
  const { decisions } = simulate({ mode, seed: 2 });
  const faults = decisions.faults.slice(0, -1);
  const lastAt = decisions.faults.at(-1)?.atMs ?? 0;
  const { decisions: fewer } = simulate({ mode, seed: 2, decisions: { ...decisions, faults } });
  const before = <T extends { readonly atMs: number }>(all: readonly T[]): T[] =>
    all.filter(({ atMs }) => atMs < lastAt);
  expect(fewer.faults).toEqual(faults);
  expect(before(fewer.operations)).toEqual(before(decisions.operations));
});
