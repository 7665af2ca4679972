import { expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { type NodePanels, StatePlayer } from './player.js';
import type { StateChange } from './recording.js';

const nodes = ['n1', 'n2', 'n3'];
const parts = ['node', 'facts', 'keys', 'timers', 'disk'] as const;

/** Changes that agree with each other. */
function drawn(events: number, seed: number): StateChange[] {
  const random = new SeededRandom(seed);
  const now = new Map<string, string | null>();
  const changes: StateChange[] = [];
  for (let event = 0; event < events; event++) {
    for (let left = random.below(4); left > 0; left--) {
      const [node, part] = [random.pick(nodes), random.pick(parts)];
      const name = `name ${random.below(6)}`;
      const place = `${node} ${part} ${name}`;
      const before = now.get(place) ?? null;
      const after = random.chance(0.2) ? null : `value ${random.below(1000)}`;
      if (before === after) continue;
      now.set(place, after);
      changes.push({ event, node, part, name, before, after });
    }
  }
  return changes;
}

const plain = (state: ReadonlyMap<string, NodePanels>) =>
  [...state].map(([node, panels]) => [node, ...parts.map((part) => [...panels[part]])]);

/** All there is, from the beginning. */
function replayed(changes: readonly StateChange[], event: number) {
  const state = new Map<string, string | null>();
  for (const change of changes) {
    const { node, part, name, after } = change;
    const place = `${node} ${part} ${name}`;
    if (change.event <= event) state.set(place, after);
  }
  return [...state].filter(([, value]) => value !== null).sort();
}

const present = (state: ReadonlyMap<string, NodePanels>) =>
  [...state]
    .flatMap(([node, panels]) =>
      parts.flatMap((part) =>
        [...panels[part]].map(([name, value]) => [`${node} ${part} ${name}`, value] as const),
      ),
    )
    .filter(([, value]) => value !== null)
    .sort();

it('is after any event what a replay from the beginning is', () => {
  const changes = drawn(6_000, 1);
  const player = new StatePlayer({ changes, nodes });
  const random = new SeededRandom(2);
  let event = -1;
  for (let round = 0; round < 60; round++) {
    const step = random.pick([-3000, -50, -1, -1, 1, 1, 2, 50, 3000]);
    event = Math.max(-1, Math.min(5_999, event + step));
    expect(present(player.stateAt(event))).toEqual(replayed(changes, event));
    expect(player.event).toBe(event);
  }
});

it('shows things in the same order whichever way it went', () => {
  const changes = drawn(3_000, 3);
  const [there, back] = [new StatePlayer({ changes, nodes }), new StatePlayer({ changes, nodes })];
  for (const event of [2_999, 0, 1_700, 1_500]) back.seek(event);
  there.seek(1_500);
  expect(plain(back.nodes)).toEqual(plain(there.nodes));
});

it('knows the changes of an event, and has nodes of which nothing is said', () => {
  const changes = drawn(100, 4);
  const player = new StatePlayer({ changes, nodes: [...nodes, 'n4'] });
  for (let event = -1; event <= 100; event++) {
    expect(player.changesOf(event)).toEqual(changes.filter((each) => each.event === event));
  }
  expect(player.nodes.has('n4')).toBe(true);
  expect(present(player.stateAt(-1))).toEqual([]);
});
