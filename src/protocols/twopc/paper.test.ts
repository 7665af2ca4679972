/**
 * The properties that the sources state, each with a test of it; what stands between quotation marks is theirs.
 *
 * [BHG] Bernstein, Hadzilacos & Goodman, *Concurrency Control and Recovery in Database Systems* (1987), section 7.3
 * lists the five requirements AC1 to AC5 of an atomic commitment protocol. [MLO] Mohan, Lindsay & Obermarck,
 * *Transaction management in the R\* distributed database management system* (1986). [Gray] Gray, *Notes on data base
 * operating systems* (1978).
 */
import { describe, expect, it } from 'vitest';
import { put, said, txn } from '../testing/operations.js';
import { drop, pass, twice } from '../testing/test-cluster.js';
import type { Message } from './messages.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';
import { decisionsOf, splitDecisions } from './testing/decisions.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const workers = nodes.slice(1);

function settled(): TwoPhaseCluster {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 100 });
  cluster.wait(50);
  return cluster;
}

const votesOf = (cluster: TwoPhaseCluster) =>
  cluster.sent.flatMap(({ from, message }) =>
    message.type === 'vote' ? message.votes.map(({ id, yes }) => ({ from, id, yes })) : [],
  );

const isCommit = (message: Message) => message.type === 'decision' && message.commits.length > 0;

describe('AC1: "All processes that reach a decision reach the same one."', () => {
  it('also those that learn of it from each other, late, or after a restart', () => {
    for (let skipped = 0; skipped < 12; skipped++) {
      const cluster = settled();
      let count = 0;
      cluster.fate = ({ message }) => {
        if (message.type !== 'decision' && message.type !== 'tell') return pass;
        count += 1;
        return count <= skipped ? drop : pass;
      };
      for (const node of nodes) cluster.request(node, txn(put('x', node), put('y', node)));
      cluster.wait(8);
      for (const worker of ['n1', 'n3']) cluster.crash(worker);
      cluster.wait(50);
      for (const worker of ['n1', 'n3']) cluster.start(worker);
      cluster.wait(500);
      expect(splitDecisions(cluster)).toEqual([]);
      expect(new Set(workers.map((worker) => cluster.contents(worker))).size).toBe(1);
    }
  });
});

describe('AC2: "A process cannot reverse its decision after it has reached one."', () => {
  it('a worker that has voted NO does not vote YES when it is asked again', () => {
    const cluster = settled();
    // The coordinator dies between the votes on a first transaction and its commit. Back again it says that it was
    // aborted, but n4 does not hear that for a while, and so is alone in finding x locked.
    cluster.request('n2', put('x', '1'));
    cluster.crashAtRecord('n1', 'committed', 'persist');
    cluster.start('n1');
    cluster.fate = ({ from, to, message }) => {
      if (message.type === 'tell' && to === 'n4') return drop;
      return message.type === 'vote' && from === 'n4' ? drop : pass;
    };
    cluster.wait(20);
    const asked = cluster.request('n1', put('x', '2'));
    cluster.wait(15);
    const [no] = votesOf(cluster).filter(({ from, yes }) => from === 'n4' && !yes);
    expect(no).toBeDefined();
    expect(asked.result).toBeNull();
    cluster.crash('n4');
    cluster.fate = ({ from, message }) => (message.type === 'vote' && from === 'n4' ? drop : pass);
    cluster.start('n4');
    cluster.wait(15);
    expect(cluster.fact('n4', 'in doubt')).toBe(0);
    cluster.fate = () => pass;
    cluster.wait(50);
    expect(said(asked.result)).toBe('definite conflict');
    expect(votesOf(cluster)).not.toContainEqual({ ...no, yes: true });
  });

  it('a worker that aborted for the sake of another in doubt votes NO from then on', () => {
    const cluster = settled();
    cluster.fate = ({ to, message }) => {
      return to === 'n4' && message.type === 'vote-request' ? drop : pass;
    };
    const asked = cluster.request('n1', put('x', '1'));
    cluster.wait(10);
    const [{ id }] = votesOf(cluster) as [{ id: number }, ...unknown[]];
    // It has been told that there is such a transaction.
    cluster.waitUntil(() =>
      cluster.sent.some(({ message }) => message.type === 'heartbeat' && message.last >= id),
    );
    cluster.wait(2);
    cluster.forge('n2', 'n4', { type: 'ask', ids: [id] });
    cluster.crash('n4', 'kept');
    cluster.start('n4');
    cluster.fate = () => pass;
    cluster.wait(50);
    expect(said(asked.result)).toBe('definite conflict');
    expect(votesOf(cluster)).toContainEqual({ from: 'n4', id, yes: false });
  });

  it('the coordinator does not: a commit that is durable is finished after any restart', () => {
    const cluster = settled();
    cluster.fate = ({ message }) => (isCommit(message) ? drop : pass);
    const asked = cluster.request('n1', put('x', '1'));
    cluster.waitUntil(() => asked.result !== null);
    cluster.crash('n1');
    cluster.fate = () => pass;
    cluster.start('n1');
    cluster.wait(100);
    for (const worker of workers) expect(cluster.contents(worker)).toBe('x=1');
  });
});

describe('AC3: "The Commit decision can only be reached if all processes voted Yes."', () => {
  it.each(workers)('a NO of %s alone aborts', (naysayer) => {
    const cluster = settled();
    const asked = cluster.request('n1', put('x', '1'));
    cluster.fate = ({ from, message }) => {
      const flips = from === naysayer && message.type === 'vote';
      if (!flips) return pass;
      const votes = message.votes.map(({ id }) => ({ id, yes: false, result: null }));
      const forged = { ...message, votes };
      cluster.world.after(1, () => cluster.forge(from, 'n1', forged));
      return drop;
    };
    cluster.wait(100);
    expect(said(asked.result)).toBe('definite conflict');
    for (const { commits } of decisionsOf(cluster).values()) expect(commits.size).toBe(0);
    for (const worker of workers) expect(cluster.contents(worker)).toBe('');
  });

  it.each(workers)('a vote of %s that is missing aborts, and one given twice is one', (silent) => {
    const cluster = settled();
    cluster.fate = ({ from, message }) => {
      if (message.type !== 'vote') return pass;
      return from === silent ? drop : twice;
    };
    const asked = cluster.request('n1', put('x', '1'));
    cluster.wait(250);
    expect(said(asked.result)).toBe('definite unavailable');
    for (const worker of workers) expect(cluster.contents(worker)).toBe('');
  });
});

describe('AC4: "If there are no failures and all processes voted Yes, then the decision will be to Commit."', () => {
  it('for every operation that does not conflict', () => {
    const cluster = settled();
    const asked = Array.from({ length: 200 }, (_, at) =>
      cluster.request(nodes[at % 4] as string, put(`k${at}`, 'v')),
    );
    cluster.wait(100);
    expect(new Set(asked.map(({ result }) => said(result)))).toEqual(new Set(['done']));
  });
});

describe('AC5: "…if all existing failures are repaired and no new failures occur for sufficiently long, then all processes will eventually reach a decision."', () => {
  it('whoever was cut off, and however long', () => {
    const cluster = settled();
    for (const cutOff of nodes) {
      cluster.fate = ({ from, to }) => (from === cutOff || to === cutOff ? drop : pass);
      for (const node of nodes) cluster.request(node, put(`${cutOff} ${node}`, 'v'));
      cluster.wait(1000);
      cluster.fate = () => pass;
      cluster.wait(2000);
      for (const node of nodes) expect(cluster.view(node).unsettledCount).toBe(0);
      expect(cluster.fact('n1', 'pool')).toBe('n2 n3 n4');
    }
    expect(splitDecisions(cluster)).toEqual([]);
  });
});

describe('[BHG 7.4] no participant decides alone after YES', () => {
  it('it is uncertain for as long as nobody tells it, over any number of restarts', () => {
    const cluster = settled();
    cluster.fate = ({ from }) => (from === 'n1' && cluster.now > 52 ? drop : pass);
    const asked = cluster.request('n1', put('x', '1'));
    cluster.waitUntil(() => asked.result !== null);
    cluster.crash('n1');
    cluster.fate = () => pass;
    for (let restarts = 0; restarts < 5; restarts++) {
      for (const worker of workers) cluster.crash(worker, 'kept');
      for (const worker of workers) cluster.start(worker);
      cluster.wait(1000);
    }
    for (const worker of workers) {
      expect(cluster.fact(worker, 'in doubt')).toBe(1);
      const records = cluster.durable.get(worker) ?? [];
      expect(records.filter(({ type }) => type === 'decided')).toEqual([]);
    }
    cluster.start('n1');
    cluster.wait(200);
    for (const worker of workers) expect(cluster.contents(worker)).toBe('x=1');
  });
});

/** What had to be durable before what left: the position of a durable record in the order of all steps. */
function orderOf(cluster: TwoPhaseCluster, node: string): string[] {
  const order: string[] = [];
  let known = cluster.durable.get(node)?.length ?? 0;
  cluster.onEvent = (event) => {
    const { data } = event;
    if (event.node !== node) return;
    if (data.type === 'durable') {
      const records = cluster.durable.get(node) ?? [];
      order.push(...records.slice(known).map(({ type }) => `durable ${type}`));
      known = records.length;
    } else if (data.type === 'sent') {
      order.push(`send ${data.message.type}`);
    } else if (data.type === 'return') {
      order.push(`reply ${data.result.type}`);
    }
  };
  return order;
}

describe('what is forced before what is said', () => {
  it('[MLO 2.1] a worker forces its prepare record, and then sends its YES', () => {
    const cluster = settled();
    const order = orderOf(cluster, 'n3');
    cluster.request('n1', put('x', '1'));
    cluster.wait(10);
    const told = order.filter((step) => !/alive|seen/.test(step));
    expect(told).toEqual(['durable prepared', 'send vote', 'durable decided', 'send ack']);
  });

  it("[Gray] the coordinator's commit record is durable before any COMMIT leaves, and the answer too", () => {
    const cluster = settled();
    const order = orderOf(cluster, 'n1');
    cluster.request('n1', put('x', '1'));
    cluster.wait(10);
    const told = order.filter((step) => !/heartbeat|seen|ceiling/.test(step));
    expect(told).toEqual([
      ...Array(3).fill('send vote-request'),
      'durable committed',
      ...Array(3).fill('send decision'),
      'reply done',
      'durable ended',
    ]);
  });

  it('[MLO 2.1] what is not forced waits for what is: one sync a transaction, and one at each worker', () => {
    const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 1000 });
    cluster.wait(50);
    const syncs = new Map<string, number>();
    cluster.onEvent = ({ node, data }) => {
      if (data.type === 'durable') syncs.set(node, (syncs.get(node) ?? 0) + 1);
    };
    for (let at = 0; at < 100; at++) {
      const asked = cluster.request('n1', put('x', `${at}`));
      cluster.waitUntil(() => asked.result !== null);
    }
    // A sweep comes now and then, and writes what is left.
    for (const node of nodes) expect(syncs.get(node)).toBeLessThan(120);
    cluster.wait(500);
    const records = nodes.map((node) => cluster.durable.get(node) ?? []);
    const count = (type: string) => records.map((all) => all.filter((each) => each.type === type));
    expect(count('ended')[0]?.flatMap((each) => ('ids' in each ? each.ids : []))).toHaveLength(100);
    for (const all of count('decided').slice(1)) {
      expect(all.flatMap((each) => ('commits' in each ? each.commits : []))).toHaveLength(100);
    }
  });

  it('[MLO 3.1] presumed abort: an abort is neither logged by the coordinator nor acknowledged', () => {
    const cluster = settled();
    cluster.fate = ({ from, message }) => (from === 'n4' && message.type === 'vote' ? drop : pass);
    cluster.request('n1', put('x', '1'), { timeoutMs: 30 });
    const before = cluster.durable.get('n1')?.length;
    const sentBefore = cluster.sent.length;
    cluster.wait(80);
    expect(cluster.durable.get('n1')?.length).toBe(before);
    const sent = cluster.sent.slice(sentBefore).map(({ message }) => message.type);
    expect(sent).toContain('decision');
    expect(sent).not.toContain('ack');
  });

  it('[MLO 3.1] of what a coordinator has no information after a crash it says: aborted', () => {
    const cluster = settled();
    cluster.request('n2', put('x', '1'));
    cluster.crashAtRecord('n1', 'committed', 'persist');
    cluster.wait(50);
    expect(workers.map((worker) => cluster.fact(worker, 'in doubt'))).toEqual([1, 1, 1]);
    cluster.start('n1');
    cluster.wait(100);
    expect(workers.map((worker) => cluster.fact(worker, 'in doubt'))).toEqual([0, 0, 0]);
    expect(workers.map((worker) => cluster.contents(worker))).toEqual(['', '', '']);
  });

  it('[MLO 3.1] a commit is not forgotten until *all* have acknowledged it', () => {
    const cluster = settled();
    cluster.fate = ({ from, message }) => (from === 'n4' && message.type === 'ack' ? drop : pass);
    cluster.request('n1', put('x', '1'));
    cluster.wait(90);
    expect(cluster.fact('n1', 'committed, not acknowledged by all')).toBe(1);
    expect(cluster.view('n1').facts.at(-1)?.[1]).toBe('waits for the acknowledgement of n4');
    cluster.fate = () => pass;
    cluster.wait(90);
    expect(cluster.fact('n1', 'committed, not acknowledged by all')).toBe(0);
    expect(cluster.durable.get('n1')?.at(-1)?.type).toBe('ended');
  });
});
