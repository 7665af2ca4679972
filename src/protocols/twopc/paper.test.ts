/**
 * The properties that the sources state, each with a test of it; what stands between quotation marks is theirs.
 *
 * [BHG] Bernstein, Hadzilacos & Goodman, *Concurrency Control and Recovery in Database Systems* (1987), section 7.3
 * lists the five requirements AC1 to AC5 of an atomic commitment protocol. [MLO] Mohan, Lindsay & Obermarck,
 * *Transaction management in the R\* distributed database management system* (1986). [Gray] Gray, *Notes on data base
 * operating systems* (1978).
 */
import { describe, expect, it } from 'vitest';
import type { Message } from './messages.js';
import { decisionsOf, splitDecisions } from './testing/decisions.js';
import { Harness, type Step } from './testing/harness.js';
import { contentsOf, factOf, put, said, txn } from './testing/operations.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const workers = nodes.slice(1);

function settled(): Harness {
  const harness = new Harness({ nodes, voteTimeoutMs: 100 });
  harness.run(50);
  return harness;
}

const votesOf = (harness: Harness) =>
  harness.sent.flatMap(({ from, message }) =>
    message.type === 'vote' ? message.votes.map(({ id, yes }) => ({ from, id, yes })) : [],
  );

const isCommit = (message: Message) => message.type === 'decision' && message.commits.length > 0;

describe('AC1: "All processes that reach a decision reach the same one."', () => {
  it('also those that learn of it from each other, late, or after a restart', () => {
    for (let skipped = 0; skipped < 12; skipped++) {
      const harness = settled();
      let count = 0;
      harness.fate = (_, __, message) => {
        if (message.type !== 'decision' && message.type !== 'tell') return 'pass';
        count += 1;
        return count <= skipped ? 'drop' : 'pass';
      };
      for (const node of nodes) harness.request(node, txn(put('x', node), put('y', node)));
      harness.run(8);
      for (const worker of ['n1', 'n3']) harness.crash(worker);
      harness.run(50);
      for (const worker of ['n1', 'n3']) harness.start(worker);
      harness.run(500);
      expect(splitDecisions(harness)).toEqual([]);
      expect(new Set(workers.map((worker) => contentsOf(harness, worker))).size).toBe(1);
    }
  });
});

describe('AC2: "A process cannot reverse its decision after it has reached one."', () => {
  it('a worker that has voted NO does not vote YES when it is asked again', () => {
    const harness = settled();
    // The coordinator dies between the votes on a first transaction and its commit. Back again it says that it was
    // aborted, but n4 does not hear that for a while, and so is alone in finding x locked.
    harness.onStep = (step) => {
      if (step.node === 'n1' && step.what === 'committed') harness.crash('n1', 0);
    };
    harness.request('n2', put('x', '1'));
    harness.runUntil(() => !harness.isUp('n1'));
    harness.onStep = null;
    harness.start('n1');
    harness.fate = (from, to, message) => {
      if (message.type === 'tell' && to === 'n4') return 'drop';
      return message.type === 'vote' && from === 'n4' ? 'drop' : 'pass';
    };
    harness.run(20);
    const asked = harness.request('n1', put('x', '2'));
    harness.run(15);
    const [no] = votesOf(harness).filter(({ from, yes }) => from === 'n4' && !yes);
    expect(no).toBeDefined();
    expect(asked.result).toBeNull();
    harness.crash('n4');
    harness.fate = (from, _, message) =>
      message.type === 'vote' && from === 'n4' ? 'drop' : 'pass';
    harness.start('n4');
    harness.run(15);
    expect(factOf(harness, 'n4', 'in doubt')).toBe(0);
    harness.fate = () => 'pass';
    harness.run(50);
    expect(said(asked.result)).toBe('definite conflict');
    expect(votesOf(harness)).not.toContainEqual({ ...no, yes: true });
  });

  it('a worker that aborted for the sake of another in doubt votes NO from then on', () => {
    const harness = settled();
    harness.fate = (_, to, message) => {
      return to === 'n4' && message.type === 'vote-request' ? 'drop' : 'pass';
    };
    const asked = harness.request('n1', put('x', '1'));
    harness.run(10);
    const [{ id }] = votesOf(harness) as [{ id: number }, ...unknown[]];
    // It has been told that there is such a transaction.
    harness.runUntil(() =>
      harness.sent.some(({ message }) => message.type === 'heartbeat' && message.last >= id),
    );
    harness.run(2);
    harness.deliver('n2', 'n4', { type: 'ask', ids: [id] });
    harness.crash('n4', harness.unsyncedOf('n4'));
    harness.start('n4');
    harness.fate = () => 'pass';
    harness.run(50);
    expect(said(asked.result)).toBe('definite conflict');
    expect(votesOf(harness)).toContainEqual({ from: 'n4', id, yes: false });
  });

  it('the coordinator does not: a commit that is durable is finished after any restart', () => {
    const harness = settled();
    harness.fate = (_, __, message) => (isCommit(message) ? 'drop' : 'pass');
    const asked = harness.request('n1', put('x', '1'));
    harness.runUntil(() => asked.result !== null);
    harness.crash('n1');
    harness.fate = () => 'pass';
    harness.start('n1');
    harness.run(100);
    for (const worker of workers) expect(contentsOf(harness, worker)).toBe('x=1');
  });
});

describe('AC3: "The Commit decision can only be reached if all processes voted Yes."', () => {
  it.each(workers)('a NO of %s alone aborts', (naysayer) => {
    const harness = settled();
    const asked = harness.request('n1', put('x', '1'));
    harness.fate = (from, _, message) => {
      const flips = from === naysayer && message.type === 'vote';
      if (!flips) return 'pass';
      const votes = message.votes.map(({ id }) => ({ id, yes: false, result: null }));
      harness.deliver(from, 'n1', { ...message, votes });
      return 'drop';
    };
    harness.run(100);
    expect(said(asked.result)).toBe('definite conflict');
    for (const { commits } of decisionsOf(harness).values()) expect(commits.size).toBe(0);
    for (const worker of workers) expect(contentsOf(harness, worker)).toBe('');
  });

  it.each(workers)('a vote of %s that is missing aborts, and one given twice is one', (silent) => {
    const harness = settled();
    harness.fate = (from, _, message) => {
      if (message.type !== 'vote') return 'pass';
      return from === silent ? 'drop' : 'twice';
    };
    const asked = harness.request('n1', put('x', '1'));
    harness.run(250);
    expect(said(asked.result)).toBe('definite unavailable');
    for (const worker of workers) expect(contentsOf(harness, worker)).toBe('');
  });
});

describe('AC4: "If there are no failures and all processes voted Yes, then the decision will be to Commit."', () => {
  it('for every operation that does not conflict', () => {
    const harness = settled();
    const asked = Array.from({ length: 200 }, (_, at) =>
      harness.request(nodes[at % 4] as string, put(`k${at}`, 'v')),
    );
    harness.run(100);
    expect(new Set(asked.map(({ result }) => said(result)))).toEqual(new Set(['done']));
  });
});

describe('AC5: "…if all existing failures are repaired and no new failures occur for sufficiently long, then all processes will eventually reach a decision."', () => {
  it('whoever was cut off, and however long', () => {
    const harness = settled();
    for (const cutOff of nodes) {
      harness.fate = (from, to) => (from === cutOff || to === cutOff ? 'drop' : 'pass');
      for (const node of nodes) harness.request(node, put(`${cutOff} ${node}`, 'v'));
      harness.run(1000);
      harness.fate = () => 'pass';
      harness.run(2000);
      for (const node of nodes) expect(harness.view(node).unsettledCount).toBe(0);
      expect(factOf(harness, 'n1', 'pool')).toBe('n2 n3 n4');
    }
    expect(splitDecisions(harness)).toEqual([]);
  });
});

describe('[BHG 7.4] no participant decides alone after YES', () => {
  it('it is uncertain for as long as nobody tells it, over any number of restarts', () => {
    const harness = settled();
    harness.fate = (from) => (from === 'n1' && harness.now > 52 ? 'drop' : 'pass');
    const asked = harness.request('n1', put('x', '1'));
    harness.runUntil(() => asked.result !== null);
    harness.crash('n1');
    harness.fate = () => 'pass';
    for (let restarts = 0; restarts < 5; restarts++) {
      for (const worker of workers) harness.crash(worker, harness.unsyncedOf(worker));
      for (const worker of workers) harness.start(worker);
      harness.run(1000);
    }
    for (const worker of workers) {
      expect(factOf(harness, worker, 'in doubt')).toBe(1);
      const records = harness.history.get(worker) ?? [];
      expect(records.filter(({ type }) => type === 'decided')).toEqual([]);
    }
    harness.start('n1');
    harness.run(200);
    for (const worker of workers) expect(contentsOf(harness, worker)).toBe('x=1');
  });
});

/** What had to be durable before what left: the position of a durable record in the order of all steps. */
function orderOf(harness: Harness, node: string): string[] {
  const order: string[] = [];
  harness.onStep = (step: Step) => {
    if (step.node !== node || step.when !== 'after') return;
    if (step.kind === 'sync') {
      const synced = harness.history.get(node)?.slice(-Number.parseInt(step.what, 10)) ?? [];
      order.push(...synced.map(({ type }) => `durable ${type}`));
    } else if (step.kind === 'send') order.push(`send ${step.what.split(' ')[0]}`);
    else if (step.kind === 'reply') order.push(`reply ${step.what}`);
  };
  return order;
}

describe('what is forced before what is said', () => {
  it('[MLO 2.1] a worker forces its prepare record, and then sends its YES', () => {
    const harness = settled();
    const order = orderOf(harness, 'n3');
    harness.request('n1', put('x', '1'));
    harness.run(10);
    const told = order.filter((step) => !/alive|seen/.test(step));
    expect(told).toEqual(['durable prepared', 'send vote', 'durable decided', 'send ack']);
  });

  it("[Gray] the coordinator's commit record is durable before any COMMIT leaves, and the answer too", () => {
    const harness = settled();
    const order = orderOf(harness, 'n1');
    harness.request('n1', put('x', '1'));
    harness.run(10);
    const told = order.filter((step) => !/heartbeat|seen|ceiling/.test(step));
    expect(told).toEqual([
      ...Array(3).fill('send vote-request'),
      'durable committed',
      ...Array(3).fill('send decision'),
      'reply done',
      'durable ended',
    ]);
  });

  it('[MLO 3.1] presumed abort: an abort is neither logged by the coordinator nor acknowledged', () => {
    const harness = settled();
    harness.fate = (from, _, message) =>
      from === 'n4' && message.type === 'vote' ? 'drop' : 'pass';
    harness.request('n1', put('x', '1'), { timeoutMs: 30 });
    const before = harness.history.get('n1')?.length;
    const sentBefore = harness.sent.length;
    harness.run(80);
    expect(harness.history.get('n1')?.length).toBe(before);
    const sent = harness.sent.slice(sentBefore).map(({ message }) => message.type);
    expect(sent).toContain('decision');
    expect(sent).not.toContain('ack');
  });

  it('[MLO 3.1] of what a coordinator has no information after a crash it says: aborted', () => {
    const harness = settled();
    harness.onStep = (step) => {
      if (step.node === 'n1' && step.what === 'committed') harness.crash('n1', 0);
    };
    harness.request('n2', put('x', '1'));
    harness.runUntil(() => !harness.isUp('n1'));
    harness.onStep = null;
    harness.run(50);
    expect(workers.map((worker) => factOf(harness, worker, 'in doubt'))).toEqual([1, 1, 1]);
    harness.start('n1');
    harness.run(100);
    expect(workers.map((worker) => factOf(harness, worker, 'in doubt'))).toEqual([0, 0, 0]);
    expect(workers.map((worker) => contentsOf(harness, worker))).toEqual(['', '', '']);
  });

  it('[MLO 3.1] a commit is not forgotten until *all* have acknowledged it', () => {
    const harness = settled();
    harness.fate = (from, _, message) =>
      from === 'n4' && message.type === 'ack' ? 'drop' : 'pass';
    harness.request('n1', put('x', '1'));
    harness.run(90);
    expect(factOf(harness, 'n1', 'committed, not acknowledged by all')).toBe(1);
    expect(harness.view('n1').facts.at(-1)?.[1]).toBe('waits for the acknowledgement of n4');
    harness.fate = () => 'pass';
    harness.run(90);
    expect(factOf(harness, 'n1', 'committed, not acknowledged by all')).toBe(0);
    expect(harness.history.get('n1')?.at(-1)?.type).toBe('ended');
  });
});
