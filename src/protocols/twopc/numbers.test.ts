/** Numbers that nobody can have counted to: the cluster takes every later transaction all the same. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { extremesAt, forge, seeds } from '../testing/forged.js';
import { type LineStamp, type Message, messageShape } from './messages.js';
import { Harness } from './testing/harness.js';
import { factOf, get, put, said } from './testing/operations.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];

function restart(harness: Harness, node: string): void {
  harness.crash(node);
  harness.start(node);
}

/** Puts through every node are read through every node, also after all have started again. */
function expectWorks(harness: Harness, label: string): void {
  for (const round of ['before', 'after']) {
    harness.runUntil(() => factOf(harness, 'n1', 'pool') === 'n2 n3 n4', 30_000);
    for (const name of nodes) {
      const text = `${label} ${round} ${name}`;
      const asked = harness.request(name, put(text, text));
      harness.runUntil(() => asked.result !== null, 6000);
      expect(said(asked.result), text).toBe('done');
      const reads = nodes.map((at) => harness.request(at, get(text)));
      harness.runUntil(() => reads.every(({ result }) => result !== null), 6000);
      for (const read of reads) expect(said(read.result)).toBe(`value ${text}`);
    }
    if (round === 'after') break;
    for (const name of nodes) harness.beginSnapshot(name);
    harness.run(1000);
    for (const name of nodes) restart(harness, name);
    harness.run(1000);
  }
}

function running(seed = 1): Harness {
  const harness = new Harness({ nodes, voteTimeoutMs: 100, seed });
  harness.run(100);
  for (const name of nodes) harness.request(name, put(`k of ${name}`, 'v'));
  harness.run(200);
  return harness;
}

/** Of the next message from the coordinator. */
function lineTo(harness: Harness, node: string): LineStamp {
  const lines = harness.sent.flatMap(({ from, to, message }) =>
    from === 'n1' && to === node && 'line' in message ? [message.line] : [],
  );
  const last = lines.reduce((most, line) => (line.number > most.number ? line : most));
  return { ...last, number: last.number + 1 };
}

describe('forged numbers', () => {
  test.each(seeds)('in any message, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const harness = running(seed);
    harness.crash('n4');
    harness.request('n1', put('k', 'without n4'));
    harness.run(500);
    harness.start('n4');
    harness.run(1000);
    harness.crash('n1');
    harness.run(500);
    harness.start('n1');
    harness.run(500);
    const seen: Message[] = harness.sent.map(({ message }) => message);
    for (let count = 0; count < 300; count++) {
      const extremes = extremesAt(1_800_000_000_000 + harness.now);
      const message = forge(messageShape, random.pick(seen), extremes, random);
      const [from, to] = [random.pick(nodes), random.pick(nodes)];
      if (message !== null && from !== to) {
        try {
          harness.deliver(from, to, message);
        } catch (error) {
          // Impossible in other ways than by its numbers: the node stops, and starts again.
          expect(String(error)).toMatch(
            /to the coordinator|to a worker|for the coordinator|lost its journal/,
          );
          restart(harness, to);
        }
      }
      if (random.chance(0.1)) harness.request(random.pick(nodes), put('k', `${count}`));
      harness.run(random.below(20));
    }
    harness.run(10_000);
    expectWorks(harness, `${seed}`);
  });

  test.each([2 ** 32, 2 ** 50, 2 ** 53 - 1])(
    'a question about transaction %i leaves no trace',
    (id) => {
      const harness = running();
      for (const to of ['n2', 'n3', 'n4']) harness.deliver('n2', to, { type: 'ask', ids: [id] });
      expectWorks(harness, 'asked');
    },
  );

  test('as many questions as a worker remembers decisions', () => {
    const harness = running();
    const ids = Array.from({ length: 10_000 }, (_, at) => 50 + at);
    const blocks = Array.from({ length: 10_000 }, (_, at) => 70_000 + 20 * at);
    for (const to of ['n2', 'n3', 'n4']) harness.deliver('n2', to, { type: 'ask', ids });
    expectWorks(harness, 'many');
    harness.crash('n1');
    harness.run(2000);
    for (const to of ['n2', 'n3', 'n4']) harness.deliver('n2', to, { type: 'ask', ids: blocks });
    harness.start('n1');
    harness.run(500);
    expectWorks(harness, 'silent');
  });

  test.each([
    [2 ** 32, 10 ** 6],
    [2 ** 50, 10 ** 6],
    [2 ** 50, 0],
  ])('a life of the coordinator, %i, that never was and had given out %i', (epoch, last) => {
    const harness = running();
    for (const to of ['n2', 'n3', 'n4']) {
      const pool = ['n2', 'n3', 'n4'];
      harness.deliver('n1', to, { type: 'heartbeat', epoch, pool, heldByAll: 0, last });
    }
    harness.run(1000);
    expectWorks(harness, 'epoch');
  });

  test.each([2 ** 32, 2 ** 50])('a life of a worker, %i, that never was', (start) => {
    const harness = running();
    for (const from of ['n2', 'n3', 'n4']) {
      harness.deliver(from, 'n1', { type: 'alive', start, epoch: 1, copied: 0, holds: 4 });
    }
    harness.request('n1', put('k', 'v'));
    harness.run(2000);
    expectWorks(harness, 'start');
  });

  test('a transaction that the coordinator can not have given out', () => {
    const harness = running();
    const line = lineTo(harness, 'n2');
    const transactions = [{ id: 2 ** 40, operation: put('k', 'v') }];
    const participants = ['n2'];
    harness.deliver('n1', 'n2', { type: 'vote-request', participants, transactions, line });
    harness.run(1000);
    expectWorks(harness, 'vote');
  });

  test('a question of another, while the coordinator is not heard', () => {
    const harness = running();
    harness.fate = (from, to) => (from === 'n1' && to === 'n2' ? 'drop' : 'pass');
    harness.run(3000);
    harness.deliver('n3', 'n2', { type: 'ask', ids: [60_000] });
    harness.fate = () => 'pass';
    harness.run(1000);
    expectWorks(harness, 'silent');
  });

  test('nobody has seen what was not sent', () => {
    const harness = running();
    let isLost = false;
    harness.fate = (_, to, message) => {
      if (to !== 'n2' || message.type !== 'vote-request' || isLost) return 'pass';
      isLost = true;
      return 'drop';
    };
    harness.request('n1', put('k', 'v'));
    const line = { ...lineTo(harness, 'n2'), number: 0, seen: 2 ** 40 };
    harness.deliver('n2', 'n1', { type: 'seen', line, gap: false });
    harness.run(1000);
    expectWorks(harness, 'seen');
  });
});
