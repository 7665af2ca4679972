/** Numbers that nobody can have counted to: the cluster takes every later transaction all the same. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { extremesAt, forge, seeds } from '../testing/forged.js';
import { get, put, said } from '../testing/operations.js';
import { drop, pass } from '../testing/test-cluster.js';
import { type LineStamp, type Message, messageShape } from './messages.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];

function restart(cluster: TwoPhaseCluster, node: string): void {
  cluster.crash(node);
  cluster.start(node);
}

/** Puts through every node are read through every node, also after all have started again. */
function expectWorks(cluster: TwoPhaseCluster, label: string): void {
  for (const round of ['before', 'after']) {
    cluster.waitUntil(() => cluster.fact('n1', 'pool') === 'n2 n3 n4', 30_000);
    for (const name of nodes) {
      const text = `${label} ${round} ${name}`;
      const asked = cluster.request(name, put(text, text));
      cluster.waitUntil(() => asked.result !== null, 6000);
      expect(said(asked.result), text).toBe('done');
      const reads = nodes.map((at) => cluster.request(at, get(text)));
      cluster.waitUntil(() => reads.every(({ result }) => result !== null), 6000);
      for (const read of reads) expect(said(read.result)).toBe(`value ${text}`);
    }
    if (round === 'after') break;
    for (const name of nodes) cluster.apply({ do: 'snapshot', node: name });
    cluster.wait(1000);
    for (const name of nodes) restart(cluster, name);
    cluster.wait(1000);
  }
}

function running(seed = 1): TwoPhaseCluster {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 100, seed });
  cluster.wait(100);
  for (const name of nodes) cluster.request(name, put(`k of ${name}`, 'v'));
  cluster.wait(200);
  return cluster;
}

/** Of the next message from the coordinator. */
function lineTo(cluster: TwoPhaseCluster, node: string): LineStamp {
  const lines = cluster.sent.flatMap(({ from, to, message }) =>
    from === 'n1' && to === node && 'line' in message ? [message.line] : [],
  );
  const last = lines.reduce((most, line) => (line.number > most.number ? line : most));
  return { ...last, number: last.number + 1 };
}

describe('forged numbers', () => {
  test.each(seeds)('in any message, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const cluster = running(seed);
    cluster.crash('n4');
    cluster.request('n1', put('k', 'without n4'));
    cluster.wait(500);
    cluster.start('n4');
    cluster.wait(1000);
    cluster.crash('n1');
    cluster.wait(500);
    cluster.start('n1');
    cluster.wait(500);
    const seen: Message[] = cluster.sent.map(({ message }) => message);
    for (let count = 0; count < 300; count++) {
      const extremes = extremesAt(cluster.host('n1').wallClock.read());
      const message = forge(messageShape, random.pick(seen), extremes, random);
      const [from, to] = [random.pick(nodes), random.pick(nodes)];
      if (message !== null && from !== to) {
        try {
          cluster.forge(from, to, message);
        } catch (error) {
          // What nobody says is refused. Of a new life that holds more the coordinator can't know better: it stops.
          expect(String(error)).toMatch(/refused what|lost its journal/);
          if (/lost its journal/.test(String(error))) restart(cluster, to);
        }
      }
      if (random.chance(0.1)) cluster.request(random.pick(nodes), put('k', `${count}`));
      cluster.wait(random.below(20));
    }
    cluster.wait(10_000);
    expectWorks(cluster, `${seed}`);
  });

  test.each([2 ** 32, 2 ** 50, 2 ** 53 - 1])(
    'a question about transaction %i leaves no trace',
    (id) => {
      const cluster = running();
      for (const to of ['n2', 'n3', 'n4']) cluster.forge('n2', to, { type: 'ask', ids: [id] });
      expectWorks(cluster, 'asked');
    },
  );

  test('that a worker holds what nobody has given out, in a life that said less, is its own fault', () => {
    const cluster = running();
    const alive = cluster.sent.findLast(
      ({ from, message }) => from === 'n2' && message.type === 'alive',
    )?.message as Extract<Message, { type: 'alive' }>;
    const refused = 'n1 refused what n2 sent: nobody has given out 100000';
    expect(() => cluster.forge('n2', 'n1', { ...alive, holds: 100_000 })).toThrow(refused);
    expectWorks(cluster, 'holds');
  });

  test('what is only said the other way is refused, and its place in the line is free for what follows', () => {
    const cluster = running();
    const line = lineTo(cluster, 'n2');
    const wrong = { type: 'ack', ids: [1], line } as const;
    expect(() => cluster.forge('n1', 'n2', wrong)).toThrow('n2 refused what n1 sent');
    const back = { type: 'decision', commits: [1], aborts: [], line } as const;
    expect(() => cluster.forge('n2', 'n1', back)).toThrow('n1 refused what n2 sent');
    expectWorks(cluster, 'other way');
  });

  test('as many questions as a worker remembers decisions', () => {
    const cluster = running();
    const ids = Array.from({ length: 10_000 }, (_, at) => 50 + at);
    const blocks = Array.from({ length: 10_000 }, (_, at) => 70_000 + 20 * at);
    for (const to of ['n2', 'n3', 'n4']) cluster.forge('n2', to, { type: 'ask', ids });
    expectWorks(cluster, 'many');
    cluster.crash('n1');
    cluster.wait(2000);
    for (const to of ['n2', 'n3', 'n4']) cluster.forge('n2', to, { type: 'ask', ids: blocks });
    cluster.start('n1');
    cluster.wait(500);
    expectWorks(cluster, 'silent');
  });

  test.each([
    [2 ** 32, 10 ** 6],
    [2 ** 50, 10 ** 6],
    [2 ** 50, 0],
  ])('a life of the coordinator, %i, that never was and had given out %i', (epoch, last) => {
    const cluster = running();
    for (const to of ['n2', 'n3', 'n4']) {
      const pool = ['n2', 'n3', 'n4'];
      cluster.forge('n1', to, { type: 'heartbeat', epoch, pool, heldByAll: 0, last });
    }
    cluster.wait(1000);
    expectWorks(cluster, 'epoch');
  });

  test.each([2 ** 32, 2 ** 50])('a life of a worker, %i, that never was', (start) => {
    const cluster = running();
    for (const from of ['n2', 'n3', 'n4']) {
      cluster.forge(from, 'n1', { type: 'alive', start, epoch: 1, copied: 0, holds: 4 });
    }
    cluster.request('n1', put('k', 'v'));
    cluster.wait(2000);
    expectWorks(cluster, 'start');
  });

  test('a transaction that the coordinator can not have given out', () => {
    const cluster = running();
    const line = lineTo(cluster, 'n2');
    const transactions = [{ id: 2 ** 40, operation: put('k', 'v') }];
    const participants = ['n2'];
    cluster.forge('n1', 'n2', { type: 'vote-request', participants, transactions, line });
    cluster.wait(1000);
    expectWorks(cluster, 'vote');
  });

  test('a question of another, while the coordinator is not heard', () => {
    const cluster = running();
    cluster.fate = ({ from, to }) => (from === 'n1' && to === 'n2' ? drop : pass);
    cluster.wait(3000);
    cluster.forge('n3', 'n2', { type: 'ask', ids: [60_000] });
    cluster.fate = () => pass;
    cluster.wait(1000);
    expectWorks(cluster, 'silent');
  });

  test('nobody has seen what was not sent', () => {
    const cluster = running();
    let isLost = false;
    cluster.fate = ({ to, message }) => {
      if (to !== 'n2' || message.type !== 'vote-request' || isLost) return pass;
      isLost = true;
      return drop;
    };
    cluster.request('n1', put('k', 'v'));
    const line = { ...lineTo(cluster, 'n2'), number: 0, seen: 2 ** 40 };
    cluster.forge('n2', 'n1', { type: 'seen', line, gap: false });
    cluster.wait(1000);
    expectWorks(cluster, 'seen');
  });
});
