import { expect, test } from 'vitest';
import * as wire from '../core/wire.js';
import { Process } from './process.js';
import { SimStorage } from './storage.js';
import { World } from './world.js';

interface Written {
  readonly type: 'written';
  readonly text: string;
}

const shape = wire.union<Written>({ written: { text: wire.text } });

/** A machine whose node has made something durable, and was killed. */
function killedNode(): { world: World; storage: SimStorage<Written>; start: () => number } {
  const world = new World({ seed: 1, eventsMax: 10_000 });
  const storage = new SimStorage({ world, node: { id: 'n1', index: 0 }, shape });
  const start = (): number => {
    let count = 0;
    const journal = storage.open(new Process(world));
    journal.recover(
      () => count++,
      (recovery) => storage.admit(recovery, false),
    );
    journal.append({ type: 'written', text: `start ${count}` });
    journal.flush();
    world.runUntil(world.now + 1000);
    storage.crash('kill');
    return count;
  };
  start();
  return { world, storage, start };
}

test('a machine takes back the disk that its node had, however it was killed', () => {
  const { storage, start } = killedNode();
  expect(start()).toBe(1);
  storage.crash('power');
  expect(start()).toBe(2);
});

test('a machine with an empty disk is refused, by the rule that real nodes obey', () => {
  const { storage, start } = killedNode();
  storage.lose();
  expect(start).toThrow('n1 has lost its data: the simulated disk holds no journal');
});
