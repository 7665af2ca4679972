import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { transactionModels } from './anomaly.js';
import { isAllowed } from './testing/definitions.js';
import { historyOf } from './testing/histories.js';
import { randomTransactions } from './testing/random-transactions.js';
import { type SeenTransaction, transactionsOf } from './transactions.js';
import type { Witness } from './witness.js';
import { isWitness } from './witness.js';

const models = transactionModels.filter((model) => model !== 'read-uncommitted');
const watch = () => {};

/** Nearly in the order of time; those in doubt are in it or not. */
function randomOrder(random: SeededRandom, live: readonly SeenTransaction[]): number[] {
  const order = live.flatMap(({ end }, at) =>
    end !== Number.POSITIVE_INFINITY || random.chance(0.7) ? [at] : [],
  );
  for (let swaps = random.below(order.length + 1); swaps > 0; swaps--) {
    const [from, to] = [random.below(order.length), random.below(order.length)];
    order.splice(to, 0, ...order.splice(from, 1));
  }
  return order;
}

/** Each commits at once, or some time after its snapshot. */
function randomEvents(random: SeededRandom, order: readonly number[]): number[] {
  const events: number[] = [];
  for (const at of order) {
    const back = random.chance(0.5) ? random.below(events.length + 1) : 0;
    events.splice(events.length - back, 0, 2 * at);
    events.push(2 * at + 1);
  }
  return events;
}

/** Somebody who wrote what was read, if there is one; at times somebody who wrote something else. */
function randomSources(
  random: SeededRandom,
  live: readonly SeenTransaction[],
): Witness['sourceOf'] {
  return (at, key) => {
    const read = live[at]?.steps.find((step) => step.f === 'r' && step.key === key);
    const writers = live.flatMap(({ steps }, by) => {
      const last = steps.findLast((step) => step.f !== 'r' && step.key === key);
      const fits = last?.value === read?.value || random.chance(0.2);
      return last !== undefined && fits && by !== at ? [by] : [];
    });
    return random.pick([...writers, ...(read?.value === 0 || writers.length === 0 ? [-1] : [])]);
  };
}

test('no order proves what the definitions deny', () => {
  const random = new SeededRandom(3);
  const counts = { refused: 0, proofs: 0 };
  for (let round = 0; round < 350; round++) {
    const drawn = randomTransactions(random, 6);
    const { live } = transactionsOf(historyOf(drawn));
    const allowed = new Map(models.map((model) => [model, isAllowed(model, drawn)]));
    for (let nth = 0; nth < 12; nth++) {
      const order = randomOrder(random, live);
      const sourceOf = randomSources(random, live);
      for (const model of models) {
        const events = model === 'snapshot-isolation' ? randomEvents(random, order) : order;
        if (!isWitness(model, live, { order: events, sourceOf }, watch)) counts.refused++;
        else {
          counts.proofs++;
          const said = `${model} by ${events}\n${drawn.map((one) => JSON.stringify(one)).join('\n')}`;
          expect(allowed.get(model), said).toBe(true);
        }
      }
    }
  }
  expect(counts.refused).toBeGreaterThan(3000);
  expect(counts.proofs).toBeGreaterThan(3000);
});

test('an order that leaves somebody out, or has somebody twice, proves nothing', () => {
  const live = [0, 1].map((at) => ({ at, steps: [], unlike: [], session: at, start: 0, end: 1 }));
  const sourceOf = () => undefined;
  for (const order of [[0], [0, 0], [0, 1, 1]]) {
    expect(isWitness('serializable', live, { order, sourceOf }, watch)).toBe(false);
  }
  for (const order of [
    [0, 1, 2],
    [1, 0, 2, 3],
    [0, 1],
  ]) {
    expect(isWitness('snapshot-isolation', live, { order, sourceOf }, watch)).toBe(false);
  }
  expect(isWitness('snapshot-isolation', live, { order: [0, 2, 3, 1], sourceOf }, watch)).toBe(
    true,
  );
});

test('what is still to be appended to was never committed', () => {
  const steps = (some: SeenTransaction['steps']) => some;
  const live = [
    steps([1, 2].map((value) => ({ f: 'append', key: 0, value }))),
    steps([{ f: 'r', key: 0, value: [1] }]),
  ].map((all, at) => ({ at, steps: all, unlike: [], session: at, start: 0, end: 1 }));
  const witness = { order: [0, 1], sourceOf: () => undefined };
  expect(isWitness('read-committed', live, witness, watch)).toBe(false);
});
