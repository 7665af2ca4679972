import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { noRules } from '../../faults/link-rules.js';
import type { Clock, Link } from '../ports.js';
import { FilteredLink } from './filter.js';

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
class NotingLink implements Link<string> {
  readonly sent: [string, ...string[]][] = [];
  readonly bytesWaiting = 0;
  arrive = (_from: string, _messages: readonly string[]): void => {};

  send(to: string, messages: readonly string[]): void {
    this.sent.push([to, ...messages]);
  }
  onReceive(handler: Parameters<Link<string>['onReceive']>[0]): void {
    this.arrive = (from, messages) => handler(from, messages, 0);
  }
  hold(): void {}
  onRelief(): void {}
  close(): void {}
}

function setUp() {
  const clock = new HandClock();
  const inner = new NotingLink();
  const link = new FilteredLink('n1', inner, clock, new SeededRandom(1));
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
    const sentOf = ({ sent }: NotingLink): string[] => sent.flatMap(([, ...messages]) => messages);

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
});
