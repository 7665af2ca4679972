/** Deletes: tombstones go when every member has them, and nothing rises from the dead. Who is a member. */
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { bytes, put, remove, textOf } from '../testing/operations.js';
import { type Envelope, GossipCluster, latencyMs } from './testing/cluster.js';
import { show, versionOf } from './testing/operations.js';

const tombstones = (cluster: GossipCluster) =>
  cluster.up.map((self) => cluster.fact(self, 'tombstones'));
const areCollected = (cluster: GossipCluster) => tombstones(cluster).every((count) => count === 0);
const change = (what: 'add' | 'remove', node: string) =>
  ({ type: 'reconfigure', change: what, node }) as const;

/** A key that was written and deleted, and both are known everywhere. */
function deleted(cluster: GossipCluster): void {
  cluster.request('n1', put('k', 'v'));
  cluster.wait(500);
  cluster.request('n2', remove('k'));
  cluster.wait(5 * latencyMs);
}

describe('tombstones', () => {
  test('go once every member has them', () => {
    for (const nodes of [1, 2, 5, 9]) {
      const cluster = new GossipCluster({ nodes });
      cluster.request('n1', put('k', 'v'));
      cluster.request('n1', remove('k'));
      cluster.wait(5 * latencyMs);
      expect(Math.max(...tombstones(cluster))).toBe(1);
      cluster.waitUntil(() => areCollected(cluster), 15_000);
      for (const self of cluster.up) expect(cluster.held(self, 'k')).toBeUndefined();
    }
  });

  test('stay while a member is away, also one that has them, and go when it is back', () => {
    const cluster = new GossipCluster({ nodes: 3 });
    cluster.wait(1000);
    cluster.request('n1', put('k', 'v'));
    cluster.wait(1000);
    for (const other of ['n1', 'n2']) cluster.cut(other, 'n3');
    cluster.request('n2', remove('k'));
    cluster.wait(60_000);
    expect(tombstones(cluster)).toEqual([1, 1, 0]);
    expect(textOf(cluster.held('n3', 'k')?.value)).toBe('v');
    cluster.connectAll();
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    for (const self of cluster.up) expect(cluster.held(self, 'k')).toBeUndefined();
  });

  test('stay while a member lacks them whose clock is far ahead of theirs', () => {
    for (const away of ['n1', 'n3']) {
      const other = away === 'n1' ? 'n3' : 'n1';
      const cluster = new GossipCluster({ nodes: 3 });
      cluster.request(away, put('k', 'v'));
      // While there is something to collect, nodes know how far each other's clocks are.
      cluster.request(away, remove('gone'));
      cluster.wait(20 * latencyMs);
      for (const node of [away, other]) cluster.cut(node, 'n2');
      for (let nth = 0; nth < 20; nth++) cluster.request(away, put('l', `${nth}`));
      cluster.wait(3000);
      cluster.request('n2', remove('k'));
      cluster.connectAll();
      for (const node of ['n2', other]) cluster.cut(away, node);
      cluster.wait(10_000);
      // Read here, then there, then here again: a tombstone that went would have reads go back.
      expect(textOf(cluster.held(away, 'k')?.value)).toBe('v');
      for (const node of ['n2', other])
        expect(cluster.held(node, 'k')).toMatchObject({ value: null });
    }
  });

  test('rumours alone, which everybody has heard, are no reason to forget', () => {
    const cluster = new GossipCluster({ nodes: 3 });
    cluster.wait(1000);
    cluster.fate = ({ message }) => (message.type === 'rumour' ? [latencyMs] : []);
    deleted(cluster);
    cluster.wait(30_000);
    expect(tombstones(cluster)).toEqual([1, 1, 1]);
  });

  test('a comparison that was cut off is no reason either', () => {
    const cluster = new GossipCluster({ nodes: 2 });
    cluster.fate = ({ message }) => (message.type === 'entries' ? [] : [latencyMs]);
    cluster.cut('n1', 'n2');
    cluster.request('n1', put('a', 'only n1 has it'));
    cluster.request('n2', put('b', 'only n2 has it'));
    cluster.request('n2', remove('k'));
    cluster.connectAll();
    cluster.wait(100);
    cluster.cut('n1', 'n2');
    expect(cluster.fact('n1', 'horizon') + cluster.fact('n2', 'horizon')).toBe(0);
  });

  test('a doubled question is answered from a later state, which must not pass for the first', () => {
    const cluster = new GossipCluster({ nodes: 2 });
    cluster.wait(1000);
    cluster.request('n1', remove('gone'));
    cluster.wait(2 * latencyMs);
    const sent: Envelope[] = [];
    cluster.fate = (envelope) => {
      sent.push(envelope);
      return [];
    };
    const next = (from: string, type: Envelope['message']['type']): Envelope => {
      const at = sent.findIndex(
        (envelope) => envelope.from === from && envelope.message.type === type,
      );
      if (at < 0) cluster.wait(10);
      return at < 0 ? next(from, type) : (sent.splice(at, 1)[0] as Envelope);
    };
    const hand = ({ from, to, message }: Envelope) => cluster.hand(from, to, message);
    cluster.request('n2', put('a', '1'));
    const digest = next('n1', 'digest');
    hand(digest);
    hand(next('n2', 'segments'));
    hand(next('n1', 'leaves'));
    const versions = next('n2', 'versions');
    const later = versionOf(cluster.ask('n2', put('b', '2')));
    hand(digest);
    hand(versions);
    hand(next('n2', 'segments'));
    hand(next('n1', 'exchange'));
    hand(next('n2', 'entries'));
    expect(cluster.held('n1', 'a')).toBeDefined();
    expect(cluster.held('n1', 'b')).toBeUndefined();
    const { message } = next('n1', 'digest');
    const vector = message.type === 'digest' ? (message.knowledge?.vector ?? []) : [];
    const known = vector.find(([node]) => node === 'n2')?.[1];
    expect(known).toBeGreaterThan(0);
    expect(known).toBeLessThan(later?.stamp ?? 0);
  });

  test('a latecomer from before the delete finds that the key is gone for good', () => {
    const cluster = new GossipCluster({ nodes: 3 });
    const late: Envelope[] = [];
    cluster.fate = (envelope) => {
      if (envelope.message.type !== 'rumour') return [latencyMs];
      late.push(envelope);
      return [latencyMs];
    };
    cluster.wait(1000);
    deleted(cluster);
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    expect(late.length).toBeGreaterThan(2);
    for (const { from, to, message } of late) cluster.hand(from, to, message);
    for (const self of cluster.up) expect(cluster.held(self, 'k')).toBeUndefined();
    cluster.wait(3000);
    for (const self of cluster.up) expect(cluster.held(self, 'k')).toBeUndefined();
  });

  test('the horizon survives a crash', () => {
    const cluster = new GossipCluster({ nodes: 2 });
    const old = versionOf(cluster.ask('n1', put('k', 'v')));
    cluster.wait(500);
    cluster.request('n2', remove('k'));
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    for (const withSnapshot of [false, true]) {
      for (const node of cluster.up) {
        if (withSnapshot) cluster.node(node).snapshot();
        cluster.restart(node);
        expect(cluster.fact(node, 'tombstones')).toBe(0);
        expect(cluster.fact(node, 'horizon')).toBeGreaterThan(0);
      }
      const entry = { key: keyFromText('k'), version: old ?? { stamp: 1, node: 'n1' } };
      cluster.hand('n2', 'n1', {
        type: 'rumour',
        entries: [{ ...entry, value: bytes('v') }],
        told: [],
      });
      expect(cluster.held('n1', 'k')).toBeUndefined();
    }
  });

  test('who is told that something is obsolete drops exactly that version', () => {
    const cluster = new GossipCluster({ nodes: 1 });
    const older = versionOf(cluster.ask('n1', put('k', 'older')));
    const newer = versionOf(cluster.ask('n1', put('k', 'newer')));
    const tell = (version: typeof older) =>
      cluster.hand('n2', 'n1', {
        ...{ type: 'exchange', round: 1, entries: [], wanted: [] },
        obsolete: [{ key: keyFromText('k'), version: version ?? { stamp: 0, node: '' } }],
      });
    tell(older);
    expect(textOf(cluster.held('n1', 'k')?.value)).toBe('newer');
    tell(newer);
    expect(cluster.held('n1', 'k')).toBeUndefined();
    cluster.node('n1').crash();
    cluster.node('n1').start();
    expect(cluster.held('n1', 'k')).toBeUndefined();
  });

  test('a cluster without tombstones knows and says nothing of all this', () => {
    const cluster = new GossipCluster({ nodes: 3 });
    for (let at = 0; at < 20; at++) cluster.request('n1', put(`k${at}`, 'v'));
    let reports = 0;
    cluster.onSend = ({ message }) => {
      if ('knowledge' in message && message.knowledge !== null) reports += 1;
    };
    cluster.wait(10_000);
    expect(reports).toBe(0);
    deleted(cluster);
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    expect(reports).toBeGreaterThan(0);
    cluster.wait(1000);
    reports = 0;
    cluster.wait(10_000);
    expect(reports).toBe(0);
  });

  test('a new put of the key is newer than the delete', () => {
    const cluster = new GossipCluster({ nodes: 3 });
    deleted(cluster);
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    for (const node of ['n1', 'n2', 'n3']) {
      expect(show(cluster.ask(node, put('k', `again by ${node}`)))).toMatch(/^done/);
      cluster.wait(500);
      for (const self of cluster.up) {
        expect(textOf(cluster.held(self, 'k')?.value)).toBe(`again by ${node}`);
      }
    }
  });
});

describe('members', () => {
  const founded = (nodes: number) => {
    const founders = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
    return new GossipCluster({ nodes, options: { members: founders } });
  };
  const ownersOf = (cluster: GossipCluster, node: string) =>
    [...cluster.view(node).ownersOf(keyFromText('k'))].sort();

  test('a node that is added gets everything, and counts', () => {
    const cluster = founded(3);
    cluster.request('n1', put('k', 'v'));
    cluster.wait(1000);
    cluster.make('n4', ['n1', 'n2', 'n3']).start();
    expect(cluster.ask('n2', change('add', 'n4'))).toMatchObject({ type: 'done' });
    cluster.wait(1000);
    expect(textOf(cluster.held('n4', 'k')?.value)).toBe('v');
    for (const self of cluster.up) {
      expect(ownersOf(cluster, self)).toEqual(['n1', 'n2', 'n3', 'n4']);
    }
    cluster.request('n4', put('l', 'w'));
    cluster.wait(1000);
    expect(textOf(cluster.held('n1', 'l')?.value)).toBe('w');
    // Away, it keeps tombstones from going.
    cluster.node('n4').crash();
    cluster.request('n1', remove('k'));
    cluster.wait(20_000);
    expect(tombstones(cluster)).toEqual([1, 1, 1]);
    cluster.node('n4').start();
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    expect(cluster.held('n4', 'k')).toBeUndefined();
  });

  test('adding needs nobody: a node that can reach no other does it', () => {
    const cluster = founded(2);
    cluster.cut('n1', 'n2');
    expect(show(cluster.ask('n1', change('add', 'n3')))).toBe('done, new');
    expect(show(cluster.ask('n1', change('add', 'n3')))).toBe('done, existed');
    cluster.connectAll();
    cluster.waitUntil(() => ownersOf(cluster, 'n2').length === 3, 15_000);
    expect(ownersOf(cluster, 'n2')).toEqual(['n1', 'n2', 'n3']);
  });

  test('whoever is heard of first by its own voice is a member, unless it was removed', () => {
    const cluster = founded(2);
    cluster.make('n3', ['n1', 'n2']).start();
    cluster.wait(2000);
    expect(ownersOf(cluster, 'n1')).toEqual(['n1', 'n2', 'n3']);
    cluster.ask('n1', change('remove', 'n3'));
    cluster.wait(5000);
    for (const node of ['n1', 'n2']) expect(ownersOf(cluster, node)).toEqual(['n1', 'n2']);
  });

  test('somebody who has met a node knows less than somebody who has removed it', () => {
    const cluster = founded(2);
    cluster.cut('n1', 'n2');
    for (let at = 0; at < 50; at++) cluster.request('n1', put('k', `${at}`));
    cluster.ask('n2', change('add', 'n3'));
    cluster.ask('n2', change('remove', 'n3'));
    cluster.hand('n3', 'n1', { type: 'members', changes: [] });
    cluster.connectAll();
    cluster.hand('n3', 'n1', { type: 'members', changes: [] });
    expect(ownersOf(cluster, 'n1')).toEqual(['n1', 'n2', 'n3']);
    cluster.wait(3000);
    for (const node of ['n1', 'n2']) expect(ownersOf(cluster, node)).toEqual(['n1', 'n2']);
  });

  test('a node that was removed keeps no tombstone from going, nor do its own stay', () => {
    const cluster = founded(3);
    cluster.request('n3', put('k', 'v'));
    cluster.wait(1000);
    cluster.request('n3', remove('k'));
    cluster.wait(5 * latencyMs);
    cluster.node('n3').crash();
    cluster.wait(20_000);
    expect(tombstones(cluster)).toEqual([1, 1]);
    expect(show(cluster.ask('n1', change('remove', 'n3')))).toBe('done, existed');
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    expect(cluster.held('n1', 'k')).toBeUndefined();
    expect(cluster.view('n1').suspects).toEqual([]);
  });

  test('what the others have of a removed node reaches all of them before tombstones go', () => {
    const cluster = founded(3);
    cluster.wait(1000);
    cluster.cut('n2', 'n3');
    cluster.cut('n1', 'n2');
    // Only n1 gets it; n2 must not take it for something that was deleted.
    cluster.request('n3', put('k', 'v'));
    cluster.wait(500);
    cluster.node('n3').crash();
    for (const node of ['n1', 'n2']) cluster.ask(node, change('remove', 'n3'));
    for (let at = 0; at < 30; at++) cluster.request('n2', put('busy', `${at}`));
    cluster.request('n2', remove('busy'));
    cluster.connectAll();
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    for (const self of cluster.up) expect(textOf(cluster.held(self, 'k')?.value)).toBe('v');
  });

  test('a node that comes back with what was deleted meanwhile is told, and drops it', () => {
    const cluster = founded(3);
    cluster.request('n1', put('k', 'v'));
    cluster.wait(1000);
    cluster.node('n3').crash();
    cluster.ask('n1', change('remove', 'n3'));
    cluster.request('n1', remove('k'));
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    cluster.ask('n1', change('add', 'n3'));
    cluster.node('n3').start();
    expect(textOf(cluster.held('n3', 'k')?.value)).toBe('v');
    cluster.wait(3000);
    for (const self of cluster.up) expect(cluster.held(self, 'k')).toBeUndefined();
    cluster.node('n3').crash();
    cluster.node('n3').start();
    expect(cluster.held('n3', 'k')).toBeUndefined();
  });

  test('what a newcomer wrote before it met anybody is not taken for a latecomer', () => {
    const cluster = founded(2);
    deleted(cluster);
    cluster.waitUntil(() => areCollected(cluster), 15_000);
    const n3 = cluster.make('n3', ['n1', 'n2']);
    for (const other of ['n1', 'n2']) cluster.cut('n3', other);
    n3.start();
    expect(versionOf(cluster.ask('n3', put('mine', 'v')))?.stamp).toBe(1);
    cluster.connectAll();
    cluster.wait(3000);
    for (const self of cluster.up) expect(textOf(cluster.held(self, 'mine')?.value)).toBe('v');
  });

  test('the last member stays, and changes survive a crash', () => {
    const cluster = founded(1);
    expect(show(cluster.ask('n1', change('remove', 'n1')))).toBe(
      'bad-request, definite: n1 is the last member',
    );
    cluster.ask('n1', change('add', 'n2'));
    cluster.ask('n1', change('add', 'n3'));
    cluster.ask('n1', change('remove', 'n2'));
    const n1 = cluster.node('n1');
    for (const withSnapshot of [false, true]) {
      if (withSnapshot) n1.snapshot();
      n1.crash();
      n1.start();
      expect(ownersOf(cluster, 'n1')).toEqual(['n1', 'n3']);
    }
  });
});
