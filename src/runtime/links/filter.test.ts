import { describe, expect, test } from 'vitest';
import { linkLimits } from '../../core/limits.js';
import { SeededRandom } from '../../core/random.js';
import { type LinkRules, noRules } from '../../faults/link-rules.js';
import type { Clock, Link } from '../ports.js';
import { FilteredLink, type FilterOptions } from './filter.js';

/** A clock moved by hand. */
class HandClock implements Clock {
  time = 0;
  #alarms: { deadline: number; run: () => void }[] = [];

  now = () => this.time;
  wallClock = () => this.time;
  soon = (run: () => void) => void this.at(this.time, run);
  at(deadline: number, run: () => void): () => void {
    const alarm = { deadline, run };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const next = this.#alarms.sort((a, b) => a.deadline - b.deadline)[0];
      if (next === undefined || next.deadline > until) break;
      this.#alarms.shift();
      this.time = Math.max(this.time, next.deadline);
      next.run();
    }
    this.time = until;
  }
}

/** A link that notes what was sent and can be told what has arrived. */
class NotingLink<M> implements Link<M> {
  readonly sent: [string, ...M[]][] = [];
  readonly bytesWaiting = 0;
  arrive = (_from: string, _messages: readonly M[]): void => {};

  send(to: string, messages: readonly M[]): void {
    this.sent.push([to, ...messages]);
  }
  onReceive(handler: Parameters<Link<M>['onReceive']>[0]): void {
    this.arrive = (from, messages) => handler(from, messages, 0);
  }
  hold(): void {}
  onRelief(): void {}
  close(): void {}
}

function setUp<M = string>(options: FilterOptions<M> = {}) {
  const clock = new HandClock();
  const inner = new NotingLink<M>();
  const link = new FilteredLink<M>('n1', inner, clock, () => new SeededRandom(1), options);
  const received: string[] = [];
  link.onReceive((from, messages) => received.push(`${from}:${messages.join()}`));
  return { clock, inner, link, received };
}

describe('FilteredLink', () => {
  test('without rules it is not there', () => {
    const { inner, link, received } = setUp();
    link.send('n2', ['a', 'b']);
    inner.arrive('n2', ['c']);
    expect(inner.sent).toEqual([['n2', 'a', 'b']]);
    expect(received).toEqual(['n2:c']);
  });

  test('a cut is one-way, concerns only its two nodes, and can be healed', () => {
    const { inner, link, received } = setUp();
    link.setRules({
      ...noRules,
      cuts: [
        { from: 'n1', to: 'n2' },
        { from: 'n3', to: 'n1' },
      ],
    });
    link.send('n2', ['lost']);
    link.send('n3', ['kept']);
    inner.arrive('n2', ['kept']);
    inner.arrive('n3', ['lost']);
    expect(inner.sent).toEqual([['n3', 'kept']]);
    expect(received).toEqual(['n2:kept']);
    link.setRules(noRules);
    link.send('n2', ['again']);
    expect(inner.sent).toEqual([
      ['n3', 'kept'],
      ['n2', 'again'],
    ]);
  });

  test('a delay is uniform in [0, 2 · mean] and keeps the order', () => {
    const { clock, inner, link } = setUp();
    link.setRules({ ...noRules, cuts: [], delays: [{ from: 'n1', to: 'n2', meanMs: 10 }] });
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    for (const letter of letters) link.send('n2', [letter]);
    expect(inner.sent).toEqual([]);
    clock.advance(20);
    expect(inner.sent.map(([, letter]) => letter)).toEqual(letters);
  });

  test('the mean of many delays is the mean asked for', () => {
    const { clock, inner, link } = setUp();
    link.setRules({ ...noRules, cuts: [], delays: [{ from: 'n1', to: 'n2', meanMs: 10 }] });
    let waited = 0;
    for (let sent = 0; sent < 1000; sent++) {
      link.send('n2', [`${sent}`]);
      while (inner.sent.length <= sent) {
        clock.advance(0.1);
        waited += 0.1;
      }
    }
    expect(waited / 1000).toBeGreaterThan(9);
    expect(waited / 1000).toBeLessThan(11);
  });

  test.each([
    ['delayed', { delays: [{ from: 'n1', to: 'n2', meanMs: 10 }] }],
    ['overtaken', { reorderings: [{ from: 'n1', to: 'n2', chance: 1, heldMsMax: 20 }] }],
  ])('of what is %s no more is held than a link may have waiting; the rest is lost', (_, rules) => {
    const { clock, inner, link } = setUp({ weigh: () => linkLimits.bytesWaitingMax / 4 });
    link.setRules({ ...noRules, ...rules });
    for (const round of [1, 2]) {
      for (const letter of 'abcdef') link.send('n2', [letter]);
      expect(link.lostCount).toBe(2 * round);
      clock.advance(20);
      expect(inner.sent).toHaveLength(4 * round);
    }
  });

  test('what is on its way when the link is cut, is lost', () => {
    const { clock, inner, link } = setUp();
    const delays = [{ from: 'n1', to: 'n2', meanMs: 10 }];
    link.setRules({ ...noRules, cuts: [], delays });
    link.send('n2', ['lost']);
    link.setRules({ ...noRules, cuts: [{ from: 'n1', to: 'n2' }], delays });
    clock.advance(100);
    expect(inner.sent).toEqual([]);
  });

  test('order holds when a delay is taken away while messages are held back', () => {
    const { clock, inner, link } = setUp();
    link.setRules({ ...noRules, cuts: [], delays: [{ from: 'n1', to: 'n2', meanMs: 50 }] });
    link.send('n2', ['first']);
    link.setRules(noRules);
    link.send('n2', ['second']);
    clock.advance(200);
    link.send('n2', ['third']);
    expect(inner.sent.map(([, message]) => message)).toEqual(['first', 'second', 'third']);
  });

  test('nothing leaves after close', () => {
    const { clock, inner, link } = setUp();
    link.setRules({ ...noRules, cuts: [], delays: [{ from: 'n1', to: 'n2', meanMs: 10 }] });
    link.send('n2', ['lost']);
    link.close();
    clock.advance(100);
    expect(inner.sent).toEqual([]);
  });

  describe('lossy, doubling and reordering links', () => {
    const direction = { from: 'n1', to: 'n2' };
    const many = Array.from({ length: 1000 }, (_, at) => `${at}`);
    const sentOf = ({ sent }: NotingLink<string>): string[] =>
      sent.flatMap(([, ...messages]) => messages);

    test('lose so many messages, of the one direction', () => {
      const { inner, link } = setUp();
      link.setRules({ ...noRules, losses: [{ ...direction, chance: 0.3 }] });
      for (const message of many) link.send('n2', [message]);
      expect(inner.sent.length).toBeGreaterThan(650);
      expect(inner.sent.length).toBeLessThan(750);
      link.send('n3', many);
      expect(inner.sent.at(-1)).toEqual(['n3', ...many]);
    });

    test('send so many twice', () => {
      const { inner, link } = setUp();
      link.setRules({ ...noRules, duplications: [{ ...direction, chance: 0.3 }] });
      link.send('n2', many);
      const sent = sentOf(inner);
      expect(new Set(sent)).toEqual(new Set(many));
      expect(sent.length).toBeGreaterThan(1250);
      expect(sent.length).toBeLessThan(1350);
    });

    test('let messages be overtaken, for so long at most and whatever the delay; a cut stops those, too', () => {
      const { clock, inner, link } = setUp();
      const reorderings = [{ ...direction, chance: 0.3, heldMsMax: 20 }];
      link.setRules({ ...noRules, reorderings });
      link.send('n2', many);
      const early = sentOf(inner).length;
      expect(early).toBeGreaterThan(650);
      expect(early).toBeLessThan(750);
      clock.advance(10);
      expect(sentOf(inner).length).toBeGreaterThan(early + 100);
      expect(sentOf(inner).length).toBeLessThan(many.length - 100);
      clock.advance(10);
      expect(sentOf(inner)).not.toEqual(many);
      expect(new Set(sentOf(inner))).toEqual(new Set(many));
      link.setRules({
        ...noRules,
        delays: [{ ...direction, meanMs: 1000 }],
        reorderings: [{ ...direction, chance: 1, heldMsMax: 20 }],
      });
      link.send('n2', ['a']);
      clock.advance(20);
      expect(sentOf(inner).at(-1)).toBe('a');
      link.send('n2', many);
      const before = sentOf(inner).length;
      link.setRules({ ...noRules, cuts: [direction] });
      clock.advance(20);
      expect(sentOf(inner)).toHaveLength(before);
    });

    test('keep to the delay of the direction', () => {
      const { clock, inner, link } = setUp();
      link.setRules({
        ...noRules,
        delays: [{ ...direction, meanMs: 10 }],
        duplications: [{ ...direction, chance: 1 }],
      });
      link.send('n2', ['a']);
      expect(inner.sent).toEqual([]);
      clock.advance(20);
      expect(inner.sent).toEqual([['n2', 'a', 'a']]);
    });
  });

  /** How long each of so many messages takes that are sent far apart. */
  function timesOf(delay: Partial<LinkRules['delays'][number]>, count: number): number[] {
    const { clock, inner, link } = setUp();
    link.setRules({ ...noRules, delays: [{ from: 'n1', to: 'n2', meanMs: 20, ...delay }] });
    return Array.from({ length: count }, (_, nth) => {
      const sentAt = clock.now();
      link.send('n2', [`${nth}`]);
      while (inner.sent.length <= nth) clock.advance(0.25);
      return clock.now() - sentAt;
    });
  }
  const meanOf = (times: readonly number[]): number =>
    times.reduce((sum, each) => sum + each, 0) / times.length;

  test.each([
    ['always the same', 0, 20, 20.25],
    ['uniform around the mean', 10, 10, 30.25],
    ['never less than none', 40, 0, 60.25],
  ])('a delay may be %s', (_, spread, min, max) => {
    const times = timesOf({ spread }, 2_000);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(min);
    expect(Math.max(...times)).toBeLessThanOrEqual(max);
    if (spread > 20) return;
    expect(meanOf(times)).toBeGreaterThan(20 * 0.95);
    expect(meanOf(times)).toBeLessThan(20 * 1.05);
  });

  test('a delay may be exponential: most are short, a few long', () => {
    const times = timesOf({ spread: 'exponential' }, 4_000);
    expect(Math.abs(meanOf(times) / 20 - 1)).toBeLessThan(0.05);
    const isLong = (factor: number) => times.filter((ms) => ms > factor * 20).length / times.length;
    expect(isLong(1)).toBeCloseTo(Math.exp(-1), 1);
    expect(isLong(3)).toBeCloseTo(Math.exp(-3), 1);
  });
});

describe('rules for one type of message', () => {
  interface Typed {
    readonly type: string;
    readonly nth: number;
  }
  const direction = { from: 'n1', to: 'n2' };
  const accept = (nth: number): Typed => ({ type: 'accept', nth });
  const beat = (nth: number): Typed => ({ type: 'heartbeat', nth });
  const nthsOf = ({ sent }: NotingLink<Typed>): number[] =>
    sent.flatMap(([, ...messages]) => messages.map(({ nth }) => nth));

  test('hold those of that type, in order among them, and no others', () => {
    const { clock, inner, link } = setUp<Typed>();
    const delays = [{ ...direction, type: 'accept', meanMs: 10, spread: 0 }];
    link.setRules({ ...noRules, delays });
    link.send('n2', [accept(1), beat(2), accept(3)]);
    expect(nthsOf(inner)).toEqual([2]);
    // Those that wait are not overtaken by their like when the rule goes.
    link.setRules(noRules);
    link.send('n2', [accept(4), beat(5)]);
    expect(nthsOf(inner)).toEqual([2, 5]);
    clock.advance(10);
    link.send('n2', [accept(6)]);
    expect(nthsOf(inner)).toEqual([2, 5, 1, 3, 4, 6]);
  });

  test('come before those for all, kind by kind', () => {
    const { clock, inner, link } = setUp<Typed>();
    const losses = [
      { ...direction, chance: 1 },
      { ...direction, type: 'accept', chance: 0 },
    ];
    link.setRules({ ...noRules, losses, delays: [{ ...direction, meanMs: 10 }] });
    link.send('n2', [accept(1), beat(2), accept(3)]);
    expect(nthsOf(inner)).toEqual([]);
    clock.advance(20);
    expect(nthsOf(inner)).toEqual([1, 3]);
    expect(link.lostCount).toBe(1);
  });
});

describe('a slow link', () => {
  const direction = { from: 'n1', to: 'n2' };
  const bandwidths = [{ ...direction, bytesPerSecond: 1000, queueBytes: 300 }];

  test('carries so many bytes a second, and loses what finds its queue full', () => {
    const fates: string[] = [];
    const { clock, inner, link } = setUp({
      weigh: () => 100,
      onFate: (fate, _, to, message, why) => fates.push(`${to} ${message} ${fate}: ${why}`),
    });
    link.setRules({ ...noRules, bandwidths });
    link.send('n2', ['a', 'b', 'c', 'd']);
    link.send('n3', ['free']);
    expect(fates.map((fate) => fate.slice(0, 9))).toEqual([
      ...['n2 a held', 'n2 b held', 'n2 c held', 'n2 d lost'],
    ]);
    expect(link.lostCount).toBe(1);
    const arrived = [100, 100, 100, 100].map((ms) => {
      clock.advance(ms);
      return inner.sent.filter(([to]) => to === 'n2').length;
    });
    expect(arrived).toEqual([1, 2, 3, 3]);
  });

  test('carries what is larger than its queue when nothing waits', () => {
    const { clock, inner, link } = setUp({ weigh: () => 500 });
    link.setRules({ ...noRules, bandwidths });
    link.send('n2', ['a', 'b']);
    clock.advance(499);
    expect(inner.sent).toEqual([]);
    clock.advance(1);
    expect(inner.sent).toEqual([['n2', 'a']]);
    expect(link.lostCount).toBe(1);
  });
});

test('whoever watches hears what becomes of messages, and why', () => {
  const fates: string[] = [];
  const { clock, inner, link } = setUp({
    onFate: (fate, from, _, message, why) => fates.push(`${from} ${message} ${fate}: ${why}`),
  });
  const direction = { from: 'n1', to: 'n2' };
  const cuts = [direction, { from: 'n2', to: 'n1' }];
  const delays = [{ ...direction, meanMs: 5 }];
  link.send('n2', ['fine']);
  link.setRules({ ...noRules, delays, duplications: [{ ...direction, chance: 1 }] });
  link.send('n2', ['a']);
  link.setRules({ ...noRules, cuts });
  clock.advance(10);
  link.send('n2', ['b']);
  inner.arrive('n2', ['back']);
  link.setRules({ ...noRules, losses: [{ ...direction, chance: 1 }] });
  link.send('n2', ['c']);
  link.setRules({ ...noRules, reorderings: [{ ...direction, chance: 1, heldMsMax: 5 }] });
  link.send('n2', ['d']);
  expect(fates).toEqual([
    ...['n1 a doubled: duplicated', 'n1 a held: delayed', 'n1 a held: delayed'],
    ...['n1 a lost: cut', 'n1 a lost: cut', 'n1 b lost: cut', 'n2 back lost: cut'],
    ...['n1 c lost: dropped', 'n1 d held: overtaken'],
  ]);
});
