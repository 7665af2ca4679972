import { describe, expect, it } from 'vitest';
import { type Shape, text, union } from '../core/wire.js';
import { fairConditions, type NetworkConditions, SimNetwork } from './network.js';
import { Process } from './process.js';
import { SimulationLimitError, World } from './world.js';

function makeWorld(eventsMax = 100_000): World {
  return new World({ seed: 7, eventsMax });
}

describe('a world', () => {
  it('runs events by time and, at one time, in the order they were asked for', () => {
    const world = makeWorld();
    const expected: (readonly [number, number])[] = [];
    const ran: (readonly [number, number])[] = [];
    for (let nth = 0; nth < 500; nth++) {
      const time = world.random.below(50);
      expected.push([time, nth]);
      world.at(time, () => ran.push([world.now, nth]));
    }
    world.runUntil(100);
    expect(ran).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
    expect(world.now).toBe(100);
  });

  it('does not run what was cancelled, nor what is later than asked for', () => {
    const world = makeWorld();
    const ran: string[] = [];
    const cancel = world.at(1, () => ran.push('cancelled'));
    world.at(2, () => ran.push('in time'));
    world.at(3, () => ran.push('late'));
    cancel();
    world.runUntil(2);
    expect(ran).toEqual(['in time']);
  });

  it('says so when it never comes to rest', () => {
    const world = makeWorld(1000);
    const again = () => {
      world.after(0, again);
    };
    again();
    expect(() => world.runUntil(1)).toThrow(SimulationLimitError);
  });
});

describe('a process', () => {
  it('takes nothing in while paused, and then everything in order', () => {
    const world = makeWorld();
    const process = new Process(world);
    const ran: string[] = [];
    process.pause();
    for (const action of ['a', 'b', 'c']) process.run(() => ran.push(action));
    expect(ran).toEqual([]);
    process.resume();
    world.runUntil(0);
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  it('never does once dead', () => {
    const world = makeWorld();
    const process = new Process(world);
    const ran: string[] = [];
    process.pause();
    process.run(() => ran.push('held'));
    process.kill();
    process.resume();
    process.run(() => ran.push('after'));
    world.runUntil(1);
    expect(ran).toEqual([]);
  });
});

interface Note {
  readonly type: 'note';
  readonly text: string;
}

const noteShape: Shape<Note> = union<Note>({ note: { text } });
const note = (of: string): Note => ({ type: 'note', text: of });

const setupWith = (world: World, conditions: Partial<NetworkConditions>) => ({
  ...{ world, nodes: ['n1', 'n2'], message: noteShape },
  conditions: { ...fairConditions, ...conditions },
});

/** Some latencies are many times the mean. */
const scattered = { latencyMsMean: 10 };

function receivedOver(conditions: Partial<NetworkConditions>, count: number): string[] {
  const world = makeWorld();
  const network = new SimNetwork(setupWith(world, conditions));
  const received: string[] = [];
  const sender = network.attach('n1', new Process(world));
  const receiver = network.attach('n2', new Process(world));
  receiver.onReceive((_from, messages) => received.push(...messages.map((each) => each.text)));
  for (let nth = 0; nth < count; nth++) world.at(nth, () => sender.send('n2', [note(`${nth}`)]));
  world.runUntil(10_000);
  return received;
}

const sentTexts = Array.from({ length: 200 }, (_, nth) => `${nth}`);

describe('the network', () => {
  it('keeps the order between two nodes, whatever the latencies', () => {
    expect(receivedOver(scattered, 200)).toEqual(sentTexts);
  });

  it('keeps it also when some have arrived and some are under way', () => {
    const world = makeWorld();
    const network = new SimNetwork(setupWith(world, scattered));
    const received: string[] = [];
    const sender = network.attach('n1', new Process(world));
    const receiver = network.attach('n2', new Process(world));
    receiver.onReceive((_from, messages) => received.push(...messages.map((each) => each.text)));
    for (const [nth, text] of sentTexts.entries()) {
      world.at(nth * 0.2, () => sender.send('n2', [note(text)]));
    }
    world.runUntil(10_000);
    expect(received).toEqual(sentTexts);
  });

  it('does not when asked not to, but brings all', () => {
    const received = receivedOver({ ...scattered, reorder: true }, 200);
    expect(received).not.toEqual(sentTexts);
    expect(received.sort((a, b) => Number(a) - Number(b))).toEqual(sentTexts);
  });

  it('loses what would take too long', () => {
    expect(receivedOver({ latencyMsMin: 50, latencyMsMax: 40 }, 5)).toEqual([]);
  });

  it('shares nothing between sender and receiver when it encodes', () => {
    const world = makeWorld();
    const network = new SimNetwork({
      world,
      nodes: ['n1', 'n2'],
      message: noteShape,
      encodes: true,
    });
    const link = network.attach('n1', new Process(world));
    let received: Note | undefined;
    network.attach('n2', new Process(world)).onReceive((_from, [first]) => {
      received = first;
    });
    const sent = note('a');
    link.send('n2', [sent]);
    world.runUntil(10_000);
    expect(received).toEqual(sent);
    expect(received).not.toBe(sent);
  });
});
