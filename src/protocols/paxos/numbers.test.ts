/** Numbers that nobody can have counted to: the cluster takes every later command all the same. */
import { describe, expect, test } from 'vitest';
import { numberBound } from '../../core/number-bound.js';
import { SeededRandom } from '../../core/random.js';
import { extremesAt, forge, seeds } from '../testing/forged.js';
import type { Command } from './command.js';
import { type Message, messageShape } from './messages.js';
import { get, put, textOf, World } from './testing/world.js';

const nodes = ['n1', 'n2', 'n3'];

/** Puts through every node are read through every node, also after all have started again. */
function expectWorks(world: World, label: string): void {
  for (const round of ['before', 'after']) {
    for (const name of nodes) {
      const text = `${label} ${round} ${name}`;
      const ticket = world.request(name, put(text, text));
      world.runUntil(() => ticket.result !== null, 6000);
      expect(ticket.result, text).toMatchObject({ type: 'done', existed: false });
      const reads = nodes.map((at) => world.request(at, get(text), { level: 'linearizable' }));
      world.runUntil(() => reads.every(({ result }) => result !== null), 6000);
      for (const read of reads) expect(textOf(read.result)).toBe(text);
    }
    if (round === 'after') break;
    for (const name of nodes) {
      const node = world.node(name);
      node.beginSnapshot();
      node.drawSnapshot();
      node.crash();
    }
    for (const name of nodes) world.node(name).start();
    world.run(2000);
  }
}

describe('forged numbers', () => {
  test.each(seeds)('in any message, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const world = new World({ nodes, seed });
    const seen: Message[] = [];
    world.onSend = ({ message }) => seen.push(message);
    for (const name of nodes) world.node(name).start();
    world.run(1000);
    for (const name of nodes) world.request(name, put(`k of ${name}`, 'v'));
    for (const name of nodes) world.request(name, get('k'), { level: 'linearizable' });
    world.run(1000);
    world.node('n3').crash();
    for (let count = 0; count < 200; count++) {
      world.request('n1', put('k', `${count}`));
      world.run(20);
    }
    world.node('n3').start();
    world.run(3000);
    for (let count = 0; count < 300; count++) {
      const message = forge(
        messageShape,
        random.pick(seen),
        extremesAt(1_800_000_000_000 + world.now),
        random,
      );
      const [from, to] = [random.pick(nodes), random.pick(nodes)];
      if (message !== null && from !== to) world.deliver({ from, to, message }, true);
      if (random.chance(0.1)) world.request(random.pick(nodes), put('k', `${count}`));
      world.run(random.below(20));
    }
    world.run(10_000);
    expectWorks(world, `${seed}`);
  });

  test('a slot far from all that were chosen is not filled up to', () => {
    const world = World.elected({ nodes });
    world.node('n3').crash();
    let isTold = false;
    world.onSend = ({ from, message }) => {
      if (message.type !== 'prepare') return;
      const { ballot } = message;
      const batch = { proposer: 'n3', commands: [] };
      const accepted = [{ slot: 2 ** 36, ballot: { round: 1, node: 'n3' }, batch }];
      const promise = {
        type: 'promise',
        ballot,
        decided: 0,
        part: 0,
        last: true,
        accepted,
      } as const;
      world.flights.push({ from: 'n3', to: from, message: promise });
      isTold = true;
    };
    world.runUntil(() => isTold, 5000);
    world.run(3000);
    world.onSend = () => {};
    world.node('n3').start();
    world.run(1000);
    for (const node of world.up) expect(Number(node.fact('decided'))).toBeLessThan(1000);
    expectWorks(world, 'slots');
  });

  test('what can not be of one message is not taken', () => {
    const world = World.elected({ nodes });
    const ballot = { round: 99, node: 'n3' };
    const far = { from: 2 ** 40, members: nodes };
    const configurations = [{ from: 0, members: nodes }, far];
    const items = [{ type: 'members', configurations }] as const;
    const command = { client: 'c', sequence: 1, operation: put('k', 'v') } as Command;
    const batches = [{ proposer: 'n3', commands: new Array(4097).fill(command) }];
    const transfer = { source: 'n2', number: 1 };
    const chunk = { type: 'chunk', transfer, slot: 300, index: 0, last: true, items } as const;
    const heartbeat = { type: 'heartbeat', ballot, decided: 500, settled: 0, probe: 1 } as const;
    const accept = { type: 'accept', ballot, slot: 50, batches, decided: 0 } as const;
    expect(world.tell('n1', 'n2', chunk)).toEqual([]);
    expect(world.tell('n1', 'n2', heartbeat)).toEqual([]);
    expect(world.tell('n3', 'n1', heartbeat)).toEqual([]);
    expect(world.tell('n1', 'n3', accept)).toEqual([]);
    expect(Number(world.node('n1').fact('decided'))).toBeLessThan(300);
    expectWorks(world, 'unfit');
  });

  test('nobody has accepted what was not proposed', () => {
    const world = World.elected({ nodes });
    const ballot = world.leaders[0]?.fact('ballot') ?? '';
    const round = Number(String(ballot).split('.')[0]);
    const cutOff = ({ from, to }: { from: string; to: string }) =>
      ![from, to].includes('n1') && ![from, to].includes('n2');
    for (const from of ['n1', 'n2']) {
      const upTo = 2 ** 30;
      world.tell('n3', from, { type: 'accepted', ballot: { round, node: 'n3' }, upTo });
    }
    const ticket = world.request('n3', put('a', 'x'));
    world.run(100, cutOff);
    expect(ticket.result).toBeNull();
    world.run(1000);
    expect(ticket.result).toMatchObject({ type: 'done' });
  });

  test('of a client: what nobody has counted to, and the stamps of nodes', () => {
    const world = World.elected({ nodes });
    const bound = numberBound(1_800_000_000_000 + world.now);
    const forged = [
      { client: 'c', sequence: Number.MAX_SAFE_INTEGER },
      { client: 'c', sequence: bound },
      { client: 'n1/1', sequence: 1 },
    ];
    for (const session of forged) {
      const ticket = world.request('n1', put('a', 'x'), { session });
      expect(ticket.result).toMatchObject({ code: 'bad-request', definite: true });
    }
    const session = { client: 'c', sequence: numberBound(1_800_000_000_000 + world.now - 60_000) };
    const ticket = world.request('n1', put('a', 'x'), { session });
    world.run(100);
    expect(ticket.result).toMatchObject({ type: 'done' });
    expectWorks(world, 'sessions');
  });

  test('of starts: questions and transfers of the millionth are numbered so that all can read them', () => {
    const world = World.elected({ nodes });
    world.node('n1').crash();
    world.node('n1').start({ incarnation: 2 ** 40, removal: { stamp: 0, existed: false } });
    world.run(2000);
    expectWorks(world, 'starts');
  });
});
