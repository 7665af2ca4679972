/** Rumours, anti-entropy, and who is talked to. */
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { batchBytesTarget, frameBytesMax } from '../../core/limits.js';
import { get, put, remove, textOf } from '../testing/operations.js';
import type { Message } from './messages.js';
import { bounds, times } from './options.js';
import { type Envelope, GossipCluster, latencyMs } from './testing/cluster.js';
import { show } from './testing/operations.js';
import { encodedSize } from './testing/size.js';

const line = (...nodes: string[]) =>
  nodes.slice(1).map((node, at) => [nodes[at] as string, node] as const);

/** Past the first comparisons, with every peer known to be silent or not. */
function settled(shape: ConstructorParameters<typeof GossipCluster>[0]): GossipCluster {
  const cluster = new GossipCluster(shape);
  cluster.wait(10_000);
  return cluster;
}

function sentDuring(cluster: GossipCluster, run: () => void): Envelope[] {
  const sent: Envelope[] = [];
  cluster.onSend = (envelope) => sent.push(envelope);
  run();
  cluster.onSend = null;
  return sent;
}

const ofType = (sent: readonly Envelope[], ...types: readonly Message['type'][]) =>
  sent.filter(({ message }) => types.includes(message.type));

const holds = (cluster: GossipCluster, node: string, key: string) =>
  textOf(cluster.held(node, key)?.value);

describe('rumours', () => {
  test('the first telling leaves at once, so all know within milliseconds', () => {
    const cluster = settled({ nodes: 5 });
    cluster.ask('n3', put('k', 'v'));
    const took = cluster.waitUntil(
      () => cluster.up.every((self) => holds(cluster, self, 'k')),
      200,
    );
    expect(took).toBeLessThanOrEqual(5 * latencyMs);
  });

  test('what comes in one turn goes to `fanout` peers in one message each', () => {
    for (const fanout of [1, 2, 4]) {
      const cluster = settled({ nodes: 9, options: { fanout } });
      const sent = sentDuring(cluster, () => cluster.request('n1', put('k', 'v')));
      expect(sent.map(({ message }) => message.type)).toEqual(Array(fanout).fill('rumour'));
      expect(new Set(sent.map(({ to }) => to)).size).toBe(fanout);
    }
  });

  test('messages per update and node stay bounded as the cluster grows', () => {
    for (const nodes of [20, 60, 120]) {
      const cluster = new GossipCluster({ nodes });
      cluster.wait(5000);
      const sent = sentDuring(cluster, () => {
        cluster.request('n1', put('k', 'v'));
        cluster.wait(2000);
      });
      const perNode = ofType(sent, 'rumour').length / nodes;
      expect(perNode).toBeLessThanOrEqual(bounds.rumourRounds * cluster.options.fanout);
      expect(cluster.agree()).toBe(true);
    }
  });

  test('in a small cluster nobody is told twice, and it is soon quiet', () => {
    const cluster = settled({ nodes: 3 });
    const sent = sentDuring(cluster, () => {
      cluster.request('n1', put('k', 'v'));
      expect(cluster.unsettledCount).toBeGreaterThan(0);
      cluster.wait(500);
    });
    expect(cluster.unsettledCount).toBe(0);
    const tellings = ofType(sent, 'rumour').map(({ from, to }) => `${from}>${to}`);
    expect(new Set(tellings).size).toBe(tellings.length);
    expect(tellings.length).toBeLessThanOrEqual(4);
  });

  test('an isolated node loses interest', () => {
    const cluster = settled({ nodes: 3, links: [] });
    cluster.request('n1', put('k', 'v'));
    cluster.wait(1000);
    expect(cluster.unsettledCount).toBe(0);
  });

  test('what no message can hold travels in several', () => {
    const cluster = settled({ nodes: 9, options: { fanout: 1 } });
    const sent = sentDuring(cluster, () => {
      for (let at = 0; at < 20; at++) cluster.request('n1', put(`k${at}`, 'x'.repeat(100_000)));
      cluster.wait(3000);
    });
    expect(cluster.agree()).toBe(true);
    const sizes = ofType(sent, 'rumour').map(({ message }) => encodedSize(message));
    expect(Math.max(...sizes)).toBeGreaterThan(200_000);
    expect(Math.max(...sizes)).toBeLessThan(2 * batchBytesTarget);
  });

  test('more rumours than are kept are left to anti-entropy', () => {
    const cluster = settled({ nodes: 2, links: [] });
    for (let at = 0; at < bounds.rumoursMax + 10; at++) cluster.request('n1', put(`k${at}`, 'v'));
    expect(cluster.fact('n1', 'hot rumours')).toBeLessThanOrEqual(bounds.rumoursMax);
    cluster.connectAll();
    cluster.wait(4000);
    expect(cluster.agree()).toBe(true);
  });
});

describe('many rumours at once', () => {
  const count = 40;
  const keysOf = (batch: number) => Array.from({ length: count }, (_, at) => `k${batch}-${at}`);
  const writeAll = (cluster: GossipCluster, batch = 0) => {
    for (const key of keysOf(batch)) cluster.request('n1', put(key, 'v'));
  };
  const hasAll = (cluster: GossipCluster, node: string, batch = 0) =>
    keysOf(batch).every((key) => holds(cluster, node, key) === 'v');
  const soonMs = 3 * times.pushGapMs;

  test('name who else has them, so that each goes to each node once', () => {
    const cluster = settled({ nodes: 3 });
    const sent = sentDuring(cluster, () => {
      writeAll(cluster);
      cluster.wait(soonMs);
      expect(hasAll(cluster, 'n2') && hasAll(cluster, 'n3')).toBe(true);
      cluster.wait(1000);
    });
    const many = ofType(sent, 'rumour').flatMap(({ message }) =>
      message.type === 'rumour' && message.entries.length > 1 ? [message] : [],
    );
    expect(many.map(({ told }) => told)).toEqual(expect.arrayContaining([['n2'], ['n3']]));
    const entries = many.reduce((sum, message) => sum + message.entries.length, 0);
    // The first one left alone, before there were many.
    expect(entries).toBe(2 * (count - 1));
  });

  test('what the node has not reached itself comes from others at once', () => {
    const cluster = settled({ nodes: 3, links: line('n1', 'n2', 'n3') });
    writeAll(cluster);
    cluster.wait(soonMs);
    expect(hasAll(cluster, 'n3')).toBe(true);
  });

  test('what is lost on its way to who was named comes by anti-entropy', () => {
    const cluster = settled({ nodes: 3 });
    cluster.fate = ({ from, to, message }) =>
      from === 'n1' && to === 'n3' && message.type === 'rumour' ? [] : [latencyMs];
    writeAll(cluster);
    cluster.wait(soonMs);
    expect(hasAll(cluster, 'n2')).toBe(true);
    expect(hasAll(cluster, 'n3')).toBe(false);
    cluster.wait(3 * cluster.options.intervalMs);
    expect(hasAll(cluster, 'n3')).toBe(true);
  });
});

describe('anti-entropy', () => {
  /** Two nodes that know each other, and differ in what they were asked while no link was there. */
  function divided(write: (cluster: GossipCluster) => void): GossipCluster {
    const cluster = settled({ nodes: 2, links: [] });
    write(cluster);
    cluster.wait(2000);
    cluster.connectAll();
    return cluster;
  }

  test('equal stores need two small messages', () => {
    const cluster = settled({ nodes: 2 });
    for (let at = 0; at < 300; at++) cluster.request('n1', put(`k${at}`, 'v'));
    cluster.wait(3000);
    const sent = sentDuring(cluster, () => cluster.wait(5000));
    expect(new Set(sent.map(({ message }) => message.type))).toEqual(new Set(['digest', 'equal']));
    for (const { message } of sent) expect(encodedSize(message)).toBeLessThan(80);
  });

  test('"digests first, then only what differs"', () => {
    const cluster = divided((both) => {
      both.connectAll();
      for (let at = 0; at < 500; at++) both.request('n1', put(`k${at}`, 'v'));
      both.wait(3000);
      both.cut('n1', 'n2');
      both.wait(2000);
      both.request('n1', put('new on n1', '1'));
      both.request('n2', put('new on n2', '2'));
      both.request('n2', put('k7', 'newer'));
    });
    const sent = sentDuring(cluster, () => cluster.wait(3000));
    expect(cluster.agree()).toBe(true);
    expect(holds(cluster, 'n1', 'k7')).toBe('newer');
    const exchanged = ofType(sent, 'exchange', 'entries').flatMap(({ message }) =>
      'entries' in message ? message.entries.map(({ key }) => String(key)) : [],
    );
    expect([...new Set(exchanged)].sort()).toEqual(['k7', 'new on n1', 'new on n2']);
  });

  test('a node that is new or was away catches up, in messages of bounded size', () => {
    const cluster = divided((apart) => {
      for (let at = 0; at < 3000; at++)
        apart.request('n1', put(`key number ${at}`, 'x'.repeat(1000)));
    });
    const sent = sentDuring(cluster, () => {
      cluster.waitUntil(() => cluster.agree(), 5000);
    });
    const largest = Math.max(...sent.map(({ message }) => encodedSize(message)));
    expect(largest).toBeLessThan(2 * batchBytesTarget);
    expect(ofType(sent, 'entries', 'exchange').length).toBeGreaterThan(2);
  });

  test('the largest values pass', () => {
    const cluster = divided((apart) => {
      const value = new Uint8Array(1024 * 1024);
      for (const key of ['a', 'b', 'c'])
        apart.request('n1', { type: 'put', key: keyFromText(key), value });
    });
    const sent = sentDuring(cluster, () => cluster.wait(3000));
    expect(cluster.agree()).toBe(true);
    for (const { message } of sent) expect(encodedSize(message)).toBeLessThan(frameBytesMax);
  });

  test('an idle cluster backs off, and news wakes it up', () => {
    const cluster = settled({ nodes: 4 });
    const idle = sentDuring(cluster, () => cluster.wait(16_000));
    const rounds = 16_000 / cluster.options.intervalMs / bounds.idleIntervalsMax;
    expect(ofType(idle, 'digest').length).toBeLessThanOrEqual(4 * (rounds + 1));
    const busy = sentDuring(cluster, () => {
      cluster.request('n1', put('k', 'v'));
      cluster.wait(1000);
    });
    expect(ofType(busy, 'digest').length).toBeGreaterThanOrEqual(8);
  });

  test('a reply that comes twice, or for a comparison that is over, changes nothing', () => {
    const cluster = divided((apart) => {
      for (let at = 0; at < 50; at++) apart.request('n1', put(`k${at}`, 'v'));
      apart.request('n2', remove('k3'));
    });
    cluster.fate = () => [latencyMs, latencyMs, 3 * latencyMs];
    cluster.wait(5000);
    expect(cluster.agree()).toBe(true);
    expect(cluster.unsettledCount).toBe(0);
  });
});

describe('whom to talk to', () => {
  test('updates reach everybody over any chain', () => {
    const cluster = settled({ nodes: 6, links: line('n3', 'n1', 'n6', 'n2', 'n5', 'n4') });
    cluster.request('n3', put('k', 'v'));
    cluster.request('n4', put('l', 'w'));
    const took = cluster.waitUntil(
      () => cluster.up.every((self) => holds(cluster, self, 'k') && holds(cluster, self, 'l')),
      5000,
    );
    expect(took).toBeLessThan(5 * cluster.options.intervalMs);
  });

  test('peers that do not answer are silent until they are heard', () => {
    const cluster = settled({ nodes: 4, links: line('n1', 'n2', 'n3', 'n4') });
    const suspects = (node: string) => [...cluster.view(node).suspects].sort();
    expect(suspects('n1')).toEqual(['n3', 'n4']);
    expect(suspects('n2')).toEqual(['n4']);
    cluster.connect('n1', 'n3');
    cluster.wait(5 * cluster.options.intervalMs);
    expect(suspects('n1')).toEqual(['n4']);
  });

  test('broken links cost little', () => {
    const sent = (links?: [string, string][]) => {
      const cluster = settled(links === undefined ? { nodes: 6 } : { nodes: 6, links });
      let count = 0;
      cluster.onLost = () => {
        count += 1;
      };
      cluster.wait(20_000);
      return count;
    };
    // At most one attempt each four intervals from either side of the ten links that are not there.
    expect(sent(line('n1', 'n2', 'n3', 'n4', 'n5', 'n6').map(([a, b]) => [a, b]))).toBeLessThan(
      (20 * 20_000) / 800 + 30,
    );
    expect(sent()).toBe(0);
  });

  test('a mended link is found within a few intervals, and used', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const cluster = settled({
        nodes: 4,
        seed,
        links: [...line('n1', 'n2'), ...line('n3', 'n4')],
      });
      cluster.request('n1', put('k', 'v'));
      cluster.wait(3000);
      cluster.connect('n2', 'n3');
      const took = cluster.waitUntil(() => cluster.agree(), 5000);
      expect(took).toBeLessThanOrEqual(6 * cluster.options.intervalMs);
    }
  });

  test('a node that starts asks at once', () => {
    const cluster = settled({ nodes: 4 });
    cluster.node('n4').crash();
    cluster.wait(3000);
    cluster.request('n1', put('k', 'v'));
    cluster.wait(1000);
    cluster.node('n4').start();
    cluster.wait(10 * latencyMs);
    expect(show(cluster.ask('n4', get('k')))).toBe('value v');
  });

  test('all nodes own every key, and share one list of it', () => {
    const cluster = settled({ nodes: 3 });
    const view = cluster.view('n2');
    expect([...view.ownersOf(keyFromText('a'))].sort()).toEqual(['n1', 'n2', 'n3']);
    expect(view.ownersOf(keyFromText('a'))).toBe(view.ownersOf(keyFromText('b')));
  });
});
