import { describe, expect, it } from 'vitest';
import type { Key } from '../core/key.js';
import { linkLimits, requestLimits, turnLimits } from '../core/limits.js';
import type { ClientResult } from '../core/operation.js';
import { RequestSource } from './request-queue.js';
import { line, note, TestBench } from './testing/bench.js';

const nothing: ClientResult = { type: 'value', value: null, version: null };

describe('a turn', () => {
  it('hands what is waiting to the replica, timers first, and ends once', () => {
    const bench = new TestBench();
    bench.replica.started = (ctx) => ctx.setTimer('tick', 5);
    bench.start();
    bench.link.deliver('n2', 'a', 'b');
    bench.link.deliver('n3', 'c');
    bench.request(1);
    bench.machine.clock.advance(5);
    bench.machine.settle();
    // The alarm comes late, and finds nothing left to do.
    const first = bench.replica.log.slice(0, 6).join(', ');
    expect(first).toBe('timer tick, n2: a, n2: b, n3: c, request 1, end');
  });

  it('shows one time, however long it takes', () => {
    const bench = new TestBench().start();
    const seen: number[] = [];
    bench.replica.message = (_text, ctx) => {
      seen.push(ctx.now, ctx.wallClock);
      bench.machine.advance(7);
    };
    const begin = [bench.machine.clock.now(), bench.machine.clock.wallClock()];
    bench.receive('a', 'b');
    expect(seen).toEqual([...begin, ...begin]);
  });

  it('takes a bounded number of inputs; the rest waits for the next', () => {
    const bench = new TestBench().start();
    bench.replica.request = ({ id }, ctx) => ctx.reply(id, nothing);
    const count = 2 * turnLimits.inputsMax + 1;
    for (let id = 1; id <= count; id++) bench.request(id, new RequestSource());
    expect(bench.machine.settle()).toBe(3);
    expect(bench.replica.log.filter((entry) => entry === 'end')).toHaveLength(3);
    expect(bench.replica.log).toHaveLength(count + 3);
  });

  it('brings a message to oneself in a later turn, once what was persisted is durable', () => {
    const bench = new TestBench().start();
    bench.replica.message = (text, ctx) => {
      if (text !== 'go') return;
      ctx.persist(line('x'));
      ctx.send('n1', note('to myself'));
    };
    bench.receive('go');
    expect(bench.replica.log).toEqual(['n2: go', 'end']);
    bench.machine.sync();
    bench.machine.settle();
    expect(bench.replica.log).toEqual(['n2: go', 'end', 'n1: to myself', 'end']);
    expect(bench.sentTexts).toEqual([]);
  });

  it('brings an unsynced message to oneself in a later turn, synced or not', () => {
    const bench = new TestBench().start();
    bench.replica.message = (text, ctx) => {
      if (text === 'go') ctx.sendUnsynced('n1', note('to myself'));
    };
    bench.receive('go');
    expect(bench.replica.log).toEqual(['n2: go', 'end', 'n1: to myself', 'end']);
    expect(bench.sentTexts).toEqual([]);
  });

  it('sends one batch a peer, whatever the order of the sends', () => {
    const bench = new TestBench().start();
    bench.replica.turnEnd = (ctx) => {
      for (const text of ['a', 'b']) for (const to of ctx.peers) ctx.send(to, note(text));
    };
    bench.receive('go');
    expect(bench.link.sent).toEqual([
      { to: 'n2', texts: ['a', 'b'] },
      { to: 'n3', texts: ['a', 'b'] },
    ]);
  });
});

describe('the durability gate', () => {
  it('holds sends and replies until what the turn persisted is durable', () => {
    const bench = new TestBench().start();
    bench.replica.request = ({ id }, ctx) => {
      ctx.reply(id, nothing);
      ctx.send('n2', note('done'));
      ctx.persist(line('x'));
    };
    bench.request(1);
    bench.machine.settle();
    expect([bench.sentTexts, bench.replies]).toEqual([[], []]);
    expect(bench.machine.syncCount).toBe(1);
    bench.machine.sync();
    expect(bench.sentTexts).toEqual(['n2: done']);
    expect(bench.replies).toEqual([{ id: 1, result: nothing }]);
  });

  it('holds a turn that writes nothing for the unsynced record of an earlier turn', () => {
    const bench = new TestBench().start();
    bench.replica.message = (text, ctx) => {
      if (text === 'write') ctx.persist(line('x'));
      else ctx.send('n2', note('what I know'));
    };
    bench.receive('write');
    bench.receive('read');
    expect(bench.sentTexts).toEqual([]);
    bench.machine.sync();
    expect(bench.sentTexts).toEqual(['n2: what I know']);
  });

  it('lets go what waited for less while a later record is still unsynced, in the order of turns', () => {
    const bench = new TestBench().start();
    bench.replica.message = (text, ctx) => {
      ctx.persist(line(text));
      ctx.send('n2', note(text));
    };
    for (const text of ['a', 'b', 'c']) bench.receive(text);
    // The second sync begins when the first has ended, for all that came meanwhile.
    bench.machine.sync();
    expect(bench.sentTexts).toEqual(['n2: a']);
    bench.machine.sync();
    expect(bench.sentTexts).toEqual(['n2: a', 'n2: b', 'n2: c']);
  });

  it('lets unsynced sends leave at once', () => {
    const bench = new TestBench().start();
    bench.replica.message = (_text, ctx) => {
      ctx.persist(line('x'));
      ctx.send('n2', note('promise'));
      ctx.sendUnsynced('n2', note('heartbeat'));
    };
    bench.receive('go');
    expect(bench.sentTexts).toEqual(['n2: heartbeat']);
  });

  it('flushes once for all records of a turn, and not at all for none', () => {
    const bench = new TestBench().start();
    bench.replica.message = (text, ctx) => {
      if (text === 'write') ctx.persist(line('x'));
    };
    bench.receive('write', 'write', 'write');
    bench.receive('nothing');
    expect([bench.journal.appended, bench.machine.syncCount]).toEqual([3, 1]);
  });
});

describe('timers of a node', () => {
  it('never fire once cancelled, not even when due in the same turn', () => {
    const bench = new TestBench();
    bench.replica.started = (ctx) => {
      ctx.setTimer('tick', 5);
      ctx.setTimer('tock', 6);
    };
    bench.replica.timer = (_timer, ctx) => ctx.cancelTimer('tock');
    bench.start();
    bench.machine.advance(50);
    expect(bench.replica.log).toEqual(['timer tick', 'end']);
  });

  it('never fire in the turn that sets them, even with no delay', () => {
    const bench = new TestBench().start();
    bench.replica.timer = (_timer, ctx) => ctx.setTimer('tick', 0);
    bench.replica.message = (_text, ctx) => ctx.setTimer('tick', -5);
    bench.receive('go');
    expect(bench.replica.log).toEqual(['n2: go', 'end']);
    bench.machine.advance(0.0015);
    expect(bench.replica.log).toEqual(['n2: go', 'end', 'timer tick', 'end']);
    bench.machine.advance(0.001);
    expect(bench.replica.log.slice(4)).toEqual(['timer tick', 'end']);
  });
});

describe('requests', () => {
  it('are refused at once, and definitely, past the bound on those waiting', () => {
    const bench = new TestBench().start();
    for (let id = 1; id <= requestLimits.waitingMax + 1; id++) bench.request(id);
    expect(bench.replies).toHaveLength(1);
    expect(bench.replies[0]).toMatchObject({
      id: requestLimits.waitingMax + 1,
      result: { type: 'error', code: 'overloaded', definite: true },
    });
  });

  it('are refused, definitely, before the start and after the end', () => {
    const bench = new TestBench();
    bench.request(1);
    bench.start();
    bench.node.close();
    bench.request(2);
    expect(
      bench.replies.map(({ id, result }) => [id, result.type === 'error' && result.definite]),
    ).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(bench.replica.log).toEqual([]);
  });
});

describe('requests and peers that are slow', () => {
  const large = { type: 'put', key: 'k' as Key, value: new Uint8Array(1024 * 1024) } as const;

  it('let small requests of others into the first turn, however many large ones came before', () => {
    const bench = new TestBench().start();
    for (let id = 1; id <= 20; id++) bench.request(id, new RequestSource(), large);
    bench.request(21, new RequestSource());
    bench.machine.settle();
    expect(bench.replica.log[0]).toBe('request 21');
    expect(bench.replica.log.filter((entry) => entry !== 'end').length).toBeLessThan(5);
  });

  it('begin again when others are answered, durably', () => {
    const bench = new TestBench().start();
    bench.replica.request = ({ id }, ctx) => {
      ctx.persist(line('x'));
      ctx.reply(id, nothing);
    };
    for (let id = 1; id <= 20; id++) bench.request(id, new RequestSource(), large);
    let rounds = 0;
    for (; bench.replies.length < 20; rounds++) {
      bench.machine.settle();
      bench.machine.sync();
    }
    expect(rounds).toBeGreaterThanOrEqual(10);
    expect(bench.replies.map(({ id }) => id)).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
  });

  it('wait while a peer takes in too little, and go on when it does', () => {
    const bench = new TestBench().start();
    bench.link.bytesWaiting = linkLimits.bytesWaitingStop;
    bench.request(1);
    bench.machine.settle();
    expect(bench.replica.log).toEqual(['end']);
    bench.link.bytesWaiting = 0;
    bench.link.onReliefHandler();
    bench.machine.settle();
    expect(bench.replica.log).toEqual(['end', 'request 1', 'end']);
  });

  it('are refused, definitely, when they could not begin in time', () => {
    const bench = new TestBench().start();
    bench.link.bytesWaiting = linkLimits.bytesWaitingStop;
    bench.request(1);
    for (let passed = 0; passed < 1100; passed += 50) bench.machine.advance(50);
    expect(bench.replica.log.filter((entry) => entry.startsWith('request'))).toEqual([]);
    expect(bench.replies).toMatchObject([
      { id: 1, result: { type: 'error', code: 'overloaded', definite: true } },
    ]);
    expect(bench.machine.clock.alarmCount).toBe(0);
  });

  it('leave no alarm when the node is closed', () => {
    const bench = new TestBench().start();
    bench.link.bytesWaiting = linkLimits.bytesWaitingStop;
    bench.request(1);
    bench.machine.settle();
    expect(bench.machine.clock.alarmCount).toBe(1);
    bench.node.close();
    expect(bench.machine.clock.alarmCount).toBe(0);
  });

  it('hold a peer that sends more than turns take, and take it all in order', () => {
    const bench = new TestBench().start();
    for (let n = 0; n < 32; n++) bench.link.deliverLarge('n2', 256 * 1024, `${n}`);
    expect([...bench.link.held]).toEqual(['n2']);
    bench.machine.settle();
    expect([...bench.link.held]).toEqual([]);
    const taken = bench.replica.log.filter((entry) => entry !== 'end');
    expect(taken).toEqual(Array.from({ length: 32 }, (_, n) => `n2: ${n}`));
    expect(bench.replica.log.length - taken.length).toBe(8);
  });
});

describe('messages', () => {
  it('past the bound on those waiting are lost', () => {
    const bench = new TestBench().start();
    const batch = new Array<string>(turnLimits.messagesWaitingMax).fill('x');
    bench.link.deliver('n2', ...batch.slice(0, 50_000));
    for (let sent = 50_000; sent < batch.length; sent += 50_000) {
      bench.link.deliver('n2', ...batch.slice(sent, sent + 50_000));
    }
    bench.link.deliver('n3', 'one too many');
    bench.machine.settle();
    expect(bench.replica.log).not.toContain('n3: one too many');
    bench.receive('again');
    expect(bench.replica.log).toContain('n2: again');
  });
});

describe('a snapshot', () => {
  it('is drawn between turns while the node works', () => {
    const bench = new TestBench();
    bench.replica.lines = ['a', 'b', 'c'];
    bench.start();
    bench.machine.storage.askForSnapshot();
    bench.link.deliver('n2', 'x');
    bench.machine.settle();
    bench.machine.sync();
    expect(bench.recordedLines()).toEqual(['a', 'b', 'c']);
    expect(bench.replica.log[0]).toBe('n2: x');
  });
});

describe('the end', () => {
  it('comes when the replica throws: nothing of that turn leaves', () => {
    const bench = new TestBench().start();
    bench.replica.message = (_text, ctx) => {
      ctx.sendUnsynced('n2', note('a'));
      ctx.send('n2', note('b'));
      throw new Error('impossible');
    };
    bench.receive('go');
    expect(bench.failures.map((error) => error.message)).toEqual(['impossible']);
    expect(bench.sentTexts).toEqual([]);
    expect(bench.link.isClosed).toBe(true);
    // Another may open the journal.
    expect(bench.recordedLines()).toEqual([]);
    bench.receive('again');
    expect(bench.replica.log.filter((entry) => entry.includes('again'))).toEqual([]);
  });

  it('comes when the journal fails: what waited for it never leaves', () => {
    const bench = new TestBench().start();
    bench.replica.message = (_text, ctx) => {
      ctx.persist(line('x'));
      ctx.send('n2', note('promise'));
    };
    bench.receive('go');
    bench.machine.storage.setFaults({ failsSyncs: true });
    bench.machine.sync();
    expect(bench.failures).toMatchObject([{ message: expect.stringContaining('EIO') }]);
    expect(bench.sentTexts).toEqual([]);
  });

  it('comes in the middle of a turn when the journal fails under it: nothing leaves', () => {
    const bench = new TestBench().start();
    bench.replica.message = (_text, ctx) => {
      bench.machine.storage.setFaults({ roomBytes: 0 });
      ctx.persist(line('x'));
      ctx.setTimer('tick', 1);
      ctx.send('n2', note('b'));
    };
    bench.receive('go', 'on');
    expect(bench.failures).toMatchObject([
      { message: expect.stringContaining('the disk is full') },
    ]);
    expect(bench.sentTexts).toEqual([]);
    expect(bench.machine.clock.alarmCount).toBe(0);
  });

  it('comes when whoever takes a reply closes the node: the rest of the turn is over', () => {
    const bench = new TestBench().start();
    bench.onReplies = () => bench.node.close();
    bench.replica.request = ({ id }, ctx) => ctx.reply(id, nothing);
    bench.machine.storage.askForSnapshot();
    bench.request(1);
    bench.machine.settle();
    expect(bench.failures).toEqual([]);
    bench.machine.sync();
    expect(bench.recordedLines()).toEqual([]);
  });

  it('leaves no alarm, and nothing that was held back', () => {
    const bench = new TestBench();
    bench.replica.started = (ctx) => ctx.setTimer('tick', 5);
    bench.start();
    bench.replica.message = (_text, ctx) => {
      ctx.persist(line('x'));
      ctx.send('n2', note('promise'));
    };
    bench.receive('go');
    bench.node.close();
    bench.machine.sync();
    bench.machine.advance(100);
    expect(bench.machine.clock.alarmCount).toBe(0);
    expect(bench.sentTexts).toEqual([]);
    expect(bench.failures).toEqual([]);
  });
});

describe('the start', () => {
  it('recovers first, oldest first, and only then acts', () => {
    const bench = new TestBench();
    bench.recordBefore('a', 'b');
    bench.node.start();
    expect(bench.replica.log).toEqual(['recover a', 'recover b', 'start', 'end']);
  });
});
