/** Numbers that nobody can have counted to: the cluster takes every later command all the same. */
import { describe, expect, test } from 'vitest';
import { numberBound } from '../../core/number-bound.js';
import { SeededRandom } from '../../core/random.js';
import { extremesAt, forge, seeds } from '../testing/forged.js';
import { get, put, valueRead } from '../testing/operations.js';
import type { Command } from './command.js';
import { type Message, messageShape } from './messages.js';
import { PaxosCluster } from './testing/cluster.js';

const nodes = ['n1', 'n2', 'n3'];

/** Puts through every node are read through every node, also after all have started again. */
function expectWorks(cluster: PaxosCluster, label: string): void {
  for (const round of ['before', 'after']) {
    for (const name of nodes) {
      const text = `${label} ${round} ${name}`;
      const ticket = cluster.request(name, put(text, text));
      cluster.runUntil(() => ticket.result !== null, 6000);
      expect(ticket.result, text).toMatchObject({ type: 'done', existed: false });
      const reads = nodes.map((at) => cluster.request(at, get(text), { level: 'linearizable' }));
      cluster.runUntil(() => reads.every(({ result }) => result !== null), 6000);
      for (const read of reads) expect(valueRead(read.result)).toBe(text);
    }
    if (round === 'after') break;
    for (const name of nodes) {
      cluster.apply({ do: 'snapshot', node: name });
    }
    cluster.run(200);
    for (const name of nodes) cluster.crash(name);
    for (const name of nodes) cluster.start(name);
    cluster.run(2000);
  }
}

describe('forged numbers', () => {
  test.each(seeds)('in any message, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const cluster = new PaxosCluster({ nodes, seed });
    const seen: Message[] = [];
    cluster.onSend = ({ message }) => seen.push(message);
    for (const name of nodes) cluster.start(name);
    cluster.run(1000);
    for (const name of nodes) cluster.request(name, put(`k of ${name}`, 'v'));
    for (const name of nodes) cluster.request(name, get('k'), { level: 'linearizable' });
    cluster.run(1000);
    cluster.crash('n3');
    for (let count = 0; count < 200; count++) {
      cluster.request('n1', put('k', `${count}`));
      cluster.run(20);
    }
    cluster.start('n3');
    cluster.run(3000);
    for (let count = 0; count < 300; count++) {
      const message = forge(
        messageShape,
        random.pick(seen),
        extremesAt(cluster.host('n1').wallClock.read()),
        random,
      );
      const [from, to] = [random.pick(nodes), random.pick(nodes)];
      if (message !== null && from !== to) cluster.forge(from, to, message);
      if (random.chance(0.1)) cluster.request(random.pick(nodes), put('k', `${count}`));
      cluster.run(random.below(20));
    }
    cluster.run(10_000);
    expectWorks(cluster, `${seed}`);
  });

  test('a slot far from all that were chosen is not filled up to', () => {
    const cluster = PaxosCluster.elected({ nodes });
    cluster.crash('n3');
    let isTold = false;
    cluster.onSend = ({ from, message }) => {
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
      cluster.world.after(0, () => cluster.forge('n3', from, promise));
      isTold = true;
    };
    cluster.runUntil(() => isTold, 5000);
    cluster.run(3000);
    cluster.onSend = null;
    cluster.start('n3');
    cluster.run(1000);
    for (const node of cluster.up) expect(Number(cluster.fact(node, 'decided'))).toBeLessThan(1000);
    expectWorks(cluster, 'slots');
  });

  test('what can not be of one message is not taken', () => {
    const cluster = PaxosCluster.elected({ nodes });
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
    expect(cluster.told('n1', 'n2', chunk)).toEqual([]);
    expect(cluster.told('n1', 'n2', heartbeat)).toEqual([]);
    expect(cluster.told('n3', 'n1', heartbeat)).toEqual([]);
    expect(cluster.told('n1', 'n3', accept)).toEqual([]);
    expect(Number(cluster.fact('n1', 'decided'))).toBeLessThan(300);
    expectWorks(cluster, 'unfit');
  });

  test('nobody has accepted what was not proposed', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const ballot = cluster.fact(cluster.leaders[0] as string, 'ballot');
    const round = Number(String(ballot).split('.')[0]);
    const cutOff = ({ from, to }: { from: string; to: string }) =>
      ![from, to].includes('n1') && ![from, to].includes('n2');
    for (const from of ['n1', 'n2']) {
      const upTo = 2 ** 30;
      cluster.told('n3', from, { type: 'accepted', ballot: { round, node: 'n3' }, upTo });
    }
    const ticket = cluster.request('n3', put('a', 'x'));
    cluster.run(100, cutOff);
    expect(ticket.result).toBeNull();
    cluster.run(1000);
    expect(ticket.result).toMatchObject({ type: 'done' });
  });

  test('of a client: what nobody has counted to, and the stamps of nodes', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const bound = numberBound(cluster.host('n1').wallClock.read());
    const forged = [
      { client: 'c', sequence: Number.MAX_SAFE_INTEGER },
      { client: 'c', sequence: bound },
      { client: 'n1/1', sequence: 1 },
    ];
    for (const session of forged) {
      const ticket = cluster.request('n1', put('a', 'x'), { session });
      expect(ticket.result).toMatchObject({ code: 'bad-request', definite: true });
    }
    const session = {
      client: 'c',
      sequence: numberBound(cluster.host('n1').wallClock.read() - 60_000),
    };
    const ticket = cluster.request('n1', put('a', 'x'), { session });
    cluster.run(100);
    expect(ticket.result).toMatchObject({ type: 'done' });
    expectWorks(cluster, 'sessions');
  });

  test('of starts: questions and transfers of the millionth are numbered so that all can read them', () => {
    const cluster = PaxosCluster.elected({ nodes });
    cluster.crash('n1');
    cluster.start('n1', { incarnation: 2 ** 40, removal: { stamp: 0, existed: false } });
    cluster.run(2000);
    expectWorks(cluster, 'starts');
  });
});
