/** A node that has lost its disk and is on its way back: what `deaf.ts` promises, seen from outside. */
import { describe, expect, test } from 'vitest';

import { type Flight, put, World } from './testing/world.js';

const node = 'n1';

/** n1 has lost its disk. It was taken out, and starts anew, alone. */
function withLoss(): World {
  const world = World.elected({ nodes: ['n1', 'n2', 'n3'] });
  world.request('n2', put('k', '1'));
  world.run(500);
  world.node(node).crash();
  const removal = world.request('n2', { type: 'reconfigure', change: 'remove', node });
  world.run(500);
  const { result } = removal;
  if (result?.type !== 'done') throw new Error('it was not removed');
  world.node(node).lose();
  const { version, existed } = result;
  const removed = { stamp: version?.stamp ?? 0, existed: existed === true };
  world.node(node).start({ incarnation: 9, removal: removed });
  return world;
}

/** What it sends in five seconds in which nobody hears it, and it hears nobody. */
function sentAlone(world: World): Set<string> {
  const sent = new Set<string>();
  world.onSend = ({ from, message }: Flight) => {
    if (from === node) sent.add(message.type);
  };
  world.run(5000, ({ from, to }) => from !== node && to !== node);
  return sent;
}

describe('a node that has lost its disk stands for no election before it has executed its removal', () => {
  test('at once', () => {
    expect([...sentAlone(withLoss())]).not.toContain('canvass');
  });

  test('after another crash', () => {
    const world = withLoss();
    world.node(node).crash();
    world.node(node).start();
    expect([...sentAlone(world)]).not.toContain('canvass');
  });

  test('when a snapshot stands for its records', () => {
    const world = withLoss();
    world.node(node).beginSnapshot();
    world.node(node).drawSnapshot();
    world.node(node).crash();
    world.node(node).start();
    expect([...sentAlone(world)]).not.toContain('canvass');
  });

  test('which one that does not know of its loss does', () => {
    const world = withLoss();
    world.node(node).crash();
    world.node(node).lose();
    world.node(node).start();
    expect([...sentAlone(world)]).toContain('canvass');
  });
});
