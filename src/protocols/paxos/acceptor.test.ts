/** What the papers say of an acceptor, on one that hears nothing but what the tests tell it. */
import { describe, expect, test } from 'vitest';
import { bytes, key } from '../testing/operations.js';
import type { Ballot } from './ballot.js';
import type { Batch, Slot } from './command.js';
import type { Message, Of } from './messages.js';
import { PaxosCluster } from './testing/cluster.js';

/** Node `n1` of three; the tests speak for the two others. */
function oneAcceptor(failRate = 0): PaxosCluster {
  const cluster = new PaxosCluster({
    nodes: ['n1', 'n2', 'n3'],
    options: { failRate, suspicionMs: 1e6 },
  });
  cluster.start('n1');
  cluster.take(() => true);
  return cluster;
}

const low: Ballot = { round: 3, node: 'n2' };
const high: Ballot = { round: 3, node: 'n3' };

function prepare(ballot: Ballot, decided: Slot = 0): Of<'prepare'> {
  return { type: 'prepare', ballot, decided };
}

function accept(ballot: Ballot, slot: Slot, ...names: string[]): Of<'accept'> {
  return { type: 'accept', ballot, slot, batches: names.map(batchOf), decided: 0 };
}

function batchOf(name: string): Batch {
  const operation = { type: 'put', key: key(name), value: bytes(name) } as const;
  return { proposer: 'n2', commands: [{ client: name, sequence: 1, operation }] };
}

function answers(cluster: PaxosCluster, from: string, message: Message): Message[] {
  return cluster.told('n1', from, message).map((flight) => flight.message);
}

describe('an acceptor', () => {
  test('"can accept a proposal numbered n iff it has not responded to a prepare request having a number greater than n" (Lamport 2001, P1a)', () => {
    const cluster = oneAcceptor();
    expect(answers(cluster, 'n3', prepare(high))).toMatchObject([
      { type: 'promise', ballot: high },
    ]);
    expect(answers(cluster, 'n2', accept(low, 1, 'a'))).toEqual([
      { type: 'reject', ballot: low, promised: high },
    ]);
    expect(answers(cluster, 'n3', accept(high, 1, 'b'))).toEqual([
      { type: 'accepted', ballot: high, upTo: 1 },
    ]);
    const higher = { round: 4, node: 'n2' };
    expect(answers(cluster, 'n2', accept(higher, 1, 'b'))).toEqual([
      { type: 'accepted', ballot: higher, upTo: 1 },
    ]);
    expect(answers(cluster, 'n3', accept(high, 2, 'c'))).toMatchObject([{ type: 'reject' }]);
  });

  test('answers a lower Prepare with what it has promised (PMMC, section 2.3: its ballot number only rises)', () => {
    const cluster = oneAcceptor();
    answers(cluster, 'n3', prepare(high));
    expect(answers(cluster, 'n2', prepare(low))).toEqual([
      { type: 'reject', ballot: low, promised: high },
    ]);
    // The same again is a retry.
    expect(answers(cluster, 'n3', prepare(high))).toMatchObject([
      { type: 'promise', ballot: high },
    ]);
  });

  test('responds with "the proposal with the highest number less than n that it has accepted", for every slot', () => {
    const cluster = oneAcceptor();
    answers(cluster, 'n2', accept(low, 1, 'a', 'b'));
    answers(cluster, 'n3', accept(high, 2, 'c'));
    const [promise] = answers(cluster, 'n2', prepare({ round: 9, node: 'n2' })) as Of<'promise'>[];
    expect(promise?.accepted).toEqual([
      { slot: 1, ballot: low, batch: batchOf('a') },
      { slot: 2, ballot: high, batch: batchOf('c') },
    ]);
  });

  test('reports nothing that the candidate, or it itself, knows to be chosen; it says up to where instead', () => {
    const cluster = oneAcceptor();
    answers(cluster, 'n2', accept(low, 1, 'a', 'b', 'c'));
    answers(cluster, 'n2', { ...accept(low, 4, 'd'), decided: 2 });
    const ask = (ballot: Ballot, decided: Slot) =>
      (answers(cluster, 'n3', prepare(ballot, decided)) as Of<'promise'>[])[0];
    const first = ask({ round: 9, node: 'n3' }, 0);
    expect(first?.decided).toBe(2);
    expect(first?.accepted.map(({ slot }) => slot)).toEqual([3, 4]);
    const second = ask({ round: 10, node: 'n3' }, 3);
    expect(second?.accepted.map(({ slot }) => slot)).toEqual([4]);
  });

  test('"must remember this information even if it fails and is then restarted" (Lamport 2001, section 2.2)', () => {
    const cluster = oneAcceptor();
    answers(cluster, 'n2', accept(low, 1, 'a'));
    answers(cluster, 'n3', prepare(high));
    cluster.crash('n1');
    cluster.start('n1');
    expect(answers(cluster, 'n2', accept(low, 2, 'b'))).toMatchObject([{ type: 'reject' }]);
    const [promise] = answers(cluster, 'n3', prepare({ round: 9, node: 'n3' })) as Of<'promise'>[];
    expect(promise?.accepted).toEqual([{ slot: 1, ballot: low, batch: batchOf('a') }]);
  });

  test('"records its intended response in stable storage before actually sending the response" (section 2.5)', () => {
    for (const message of [prepare(high), accept(high, 1, 'a')]) {
      const cluster = oneAcceptor();
      cluster.apply({ do: 'hold syncs', node: 'n1' });
      expect(answers(cluster, 'n3', message)).toEqual([]);
      cluster.apply({ do: 'sync', node: 'n1' });
      expect(cluster.flights.map((flight) => flight.message.type)).toEqual([
        message.type === 'prepare' ? 'promise' : 'accepted',
      ]);
      cluster.apply({ do: 'release syncs', node: 'n1' });
      cluster.restart('n1');
      expect(answers(cluster, 'n2', prepare(low))).toMatchObject([{ type: 'reject' }]);
    }
  });

  test('what it heard but had not on disk before a crash, nobody was told', () => {
    const cluster = oneAcceptor();
    cluster.apply({ do: 'hold syncs', node: 'n1' });
    answers(cluster, 'n3', prepare(high));
    cluster.crash('n1');
    cluster.take(() => true);
    cluster.apply({ do: 'release syncs', node: 'n1' });
    cluster.start('n1');
    cluster.take(() => true);
    expect(answers(cluster, 'n2', prepare(low))).toMatchObject([{ type: 'promise', ballot: low }]);
  });

  test('acknowledges cumulatively: up to the first slot that is missing', () => {
    const cluster = oneAcceptor();
    expect(answers(cluster, 'n2', accept(low, 2, 'b'))).toEqual([
      { type: 'accepted', ballot: low, upTo: 0 },
    ]);
    expect(answers(cluster, 'n2', accept(low, 1, 'a'))).toEqual([
      { type: 'accepted', ballot: low, upTo: 2 },
    ]);
    // What was accepted under another ballot is not acknowledged under this one.
    expect(answers(cluster, 'n3', accept(high, 1, 'a'))).toEqual([
      { type: 'accepted', ballot: high, upTo: 1 },
    ]);
  });

  test('fails to answer with the probability that it is given, and only Prepare and Accept', () => {
    const cluster = oneAcceptor(0.5);
    let [prepared, accepted] = [0, 0];
    for (let round = 10; round < 410; round++) {
      prepared += answers(cluster, 'n3', prepare({ round, node: 'n3' })).length;
      accepted += answers(cluster, 'n3', accept({ round, node: 'n3' }, 1, 'a')).length;
    }
    for (const answered of [prepared, accepted]) expect(Math.abs(answered - 200)).toBeLessThan(50);
    const ballot = { round: 999, node: 'n3' };
    const heartbeat = { type: 'heartbeat', ballot, decided: 0, settled: 0 } as const;
    for (let probe = 1; probe < 50; probe++) {
      expect(answers(cluster, 'n3', { ...heartbeat, probe })).toMatchObject([{ type: 'alive' }]);
    }
  });

  test('splits a large PROMISE into parts that fit a message', () => {
    const cluster = oneAcceptor();
    const large = (name: string): Batch => ({
      proposer: 'n2',
      commands: [
        {
          client: name,
          sequence: 1,
          operation: { type: 'put', key: key(name), value: new Uint8Array(100_000) },
        },
      ],
    });
    const batches = ['a', 'b', 'c', 'd', 'e'].map(large);
    answers(cluster, 'n2', { type: 'accept', ballot: low, slot: 1, batches, decided: 0 });
    const parts = answers(cluster, 'n3', prepare(high)) as Of<'promise'>[];
    expect(parts.map(({ part, last, accepted }) => [part, last, accepted.length])).toEqual([
      [0, false, 2],
      [1, false, 2],
      [2, true, 1],
    ]);
  });

  test('answers as often as a fault has it, and by its options again when that is over', () => {
    const cluster = oneAcceptor();
    cluster.host('n1').setFaults({ failRate: 1 });
    expect(answers(cluster, 'n2', prepare(low))).toEqual([]);
    expect(answers(cluster, 'n2', accept(low, 1, 'a'))).toEqual([]);
    cluster.host('n1').setFaults({});
    expect(answers(cluster, 'n2', prepare(low))).toMatchObject([{ type: 'promise' }]);
  });
});
