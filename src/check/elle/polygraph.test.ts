import { expect, test } from 'vitest';
import { type Random, SeededRandom } from '../../core/random.js';
import { timedStages, unlimited } from '../budget.js';
import { type EitherOr, type Pairs, solve } from './polygraph.js';

function randomPairs(random: Random, nodes: number, count: number): number[] {
  return Array.from({ length: 2 * count }, () => random.below(nodes));
}

const keeps = (place: readonly number[], pairs: Pairs): boolean =>
  pairs.every((node, at) => at % 2 === 1 || (place[node] ?? 0) < (place[pairs[at + 1] ?? 0] ?? 0));

/** All orders are tried. */
function hasOrder(nodes: number, edges: Pairs, choices: readonly EitherOr[]): boolean {
  const isFine = (order: readonly number[]): boolean => {
    if (order.length < nodes) {
      const rest = Array.from({ length: nodes }, (_, node) => node);
      return rest.some((node) => !order.includes(node) && isFine([...order, node]));
    }
    return isOrder(order, edges, choices);
  };
  return isFine([]);
}

function isOrder(order: readonly number[], edges: Pairs, choices: readonly EitherOr[]): boolean {
  const place: number[] = [];
  order.forEach((node, at) => {
    place[node] = at;
  });
  const isMade = ({ either, or }: EitherOr) => keeps(place, either) || keeps(place, or);
  return keeps(place, edges) && choices.every(isMade);
}

test('random polygraphs have an order or not as all orders say', () => {
  const random = new SeededRandom(5);
  const counts = { order: 0, circle: 0, unknown: 0 };
  for (let round = 0; round < 400; round++) {
    const nodes = 5;
    const edges = randomPairs(random, nodes, random.below(2));
    const choices = Array.from({ length: 2 + random.below(6) }, () => ({
      either: randomPairs(random, nodes, 1 + random.below(2)),
      or: randomPairs(random, nodes, 1 + random.below(2)),
    }));
    const found = solve(nodes, edges, choices, unlimited);
    counts[found.type]++;
    const told = JSON.stringify({ edges, choices, found });
    expect(found.type === 'order', told).toBe(hasOrder(nodes, edges, choices));
    if (found.type === 'order') expect(isOrder(found.order, edges, choices), told).toBe(true);
  }
  expect(Math.min(counts.order, counts.circle)).toBeGreaterThan(50);
});

test('limits end in unknown', () => {
  const choices = [{ either: [0, 1], or: [1, 0] }];
  const late = timedStages({ timeoutMs: -1, memoryBytes: 1e9, now: () => performance.now() }).begin(
    '',
  );
  expect(solve(2, [], choices, late)).toEqual({ type: 'unknown', why: 'time limit' });
  const small = timedStages({
    timeoutMs: 1e9,
    memoryBytes: 10,
    now: () => performance.now(),
  }).begin('');
  expect(solve(2, [], choices, small)).toEqual({ type: 'unknown', why: 'memory limit' });
});
