import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import { type LinkRules, noRules } from '../faults/link-rules.js';
import { ClientLinks } from './client-links.js';
import type { NodeConnection, Timing } from './endpoint.js';
import { FakeEndpoint } from './testing/fake-endpoint.js';

/** Time that stands still until it is told to go on. */
class HandTiming {
  time = 0;
  #alarms: { at: number; run: () => void }[] = [];
  readonly random: () => number;

  constructor() {
    const random = new SeededRandom(1);
    this.random = () => random.next();
  }

  now = (): number => this.time;

  after = (ms: number, run: () => void): (() => void) => {
    const alarm = { at: this.time + ms, run };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  };

  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const [next] = this.#alarms.sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      this.#alarms.shift();
      this.time = next.at;
      next.run();
    }
    this.time = until;
  }
}

const done: ClientResult = { type: 'done', version: { stamp: 1, node: 'n1' }, existed: false };
const put = { type: 'put', key: keyFromText('k'), value: new Uint8Array(1000) } as const;
const options = { level: null, timeoutMs: 500, session: null, floor: null };
const there = { from: 'ann', to: 'n1' };
const back = { from: 'n1', to: 'ann' };
const timedOut = { type: 'error', code: 'timeout', definite: false };

function setUp(given: Partial<LinkRules>, name: string | null = 'ann') {
  const timing = new HandTiming();
  const node = new FakeEndpoint('n1', () => done, 'at once');
  let rules: LinkRules = { ...noRules, ...given };
  const links = new ClientLinks({ name, rules: () => rules, timing: timing as unknown as Timing });
  let connection: NodeConnection | null = null;
  links.around([node])[0]?.connect(100, (outcome) => {
    connection = outcome as NodeConnection;
  });
  const results: ClientResult[] = [];
  return {
    ...{ timing, links, results, arrived: node.asked },
    ask: () => connection?.request(put, options, { answered: (result) => results.push(result) }),
    close: () => connection?.close(),
    change: (others: Partial<LinkRules>) => {
      rules = { ...noRules, ...others };
    },
  };
}

describe('links of a client', () => {
  it('carry all at once when no rule is about it', () => {
    const { ask, results, links } = setUp({ losses: [{ from: 'bob', to: 'n1', chance: 1 }] });
    ask();
    expect(results).toEqual([done]);
    expect(links.to('n1')).toBeNull();
  });

  it('delay requests and answers, in order', () => {
    const { ask, results, arrived, timing, change } = setUp({
      delays: [
        { ...there, meanMs: 20, spread: 0 },
        { ...back, meanMs: 30, spread: 0 },
      ],
    });
    ask();
    timing.advance(19);
    expect(arrived).toHaveLength(0);
    timing.advance(1);
    expect(arrived).toHaveLength(1);
    expect(results).toEqual([]);
    // What comes later does not overtake it, even when the delay is gone.
    change({});
    ask();
    expect(arrived).toHaveLength(2);
    timing.advance(29);
    expect(results).toEqual([]);
    timing.advance(1);
    expect(results).toEqual([done, done]);
  });

  it.each([
    ['a lost request', { losses: [{ ...there, chance: 1 }] }, 0],
    ['a lost answer', { losses: [{ ...back, chance: 1 }] }, 1],
    ['a request on a link that is cut one way', { cuts: [there] }, 0],
    ['an answer on a link that is cut one way', { cuts: [back] }, 1],
    ['a request that is too late', { delays: [{ ...there, meanMs: 501, spread: 0 }] }, 0],
    ['an answer that is too late', { delays: [{ ...back, meanMs: 501, spread: 0 }] }, 1],
  ])('leave it open what became of %s', (_, rules, arrivedCount) => {
    const { ask, results, arrived, timing, links } = setUp(rules);
    ask();
    timing.advance(499);
    expect(results).toEqual([]);
    timing.advance(1);
    expect(results).toMatchObject([timedOut]);
    expect(arrived).toHaveLength(arrivedCount);
    timing.advance(1_000);
    expect(results).toHaveLength(1);
    expect(links.problemWith('n1')).toBeNull();
  });

  it('deliver a request twice, and answer it once', () => {
    const { ask, results, arrived } = setUp({ duplications: [{ ...there, chance: 1 }] });
    ask();
    expect(arrived).toHaveLength(2);
    expect(results).toEqual([done]);
  });

  it('have a bandwidth', () => {
    const bandwidths = [{ ...there, bytesPerSecond: 10_000, queueBytes: 1_500 }];
    const { ask, arrived, timing } = setUp({ bandwidths });
    for (let nth = 0; nth < 3; nth++) ask();
    timing.advance(90);
    expect(arrived).toHaveLength(0);
    timing.advance(110);
    expect(arrived).toHaveLength(1);
    timing.advance(300);
    expect(arrived).toHaveLength(1);
  });

  it('have rules for all clients, and before them its own', () => {
    const everybody = { losses: [{ from: 'clients', to: 'n1', chance: 1 }] };
    const anybody = setUp(everybody, null);
    anybody.ask();
    expect(anybody.arrived).toHaveLength(0);
    const ann = setUp({ losses: [...everybody.losses, { ...there, chance: 0 }] });
    ann.ask();
    expect(ann.arrived).toHaveLength(1);
    const cut = {
      cuts: [
        { from: 'clients', to: 'n1' },
        { from: 'n1', to: 'clients' },
      ],
    };
    expect(setUp(cut, null).links.problemWith('n1')).toContain('its link to clients is cut');
  });

  it('drop what they hold when the client hangs up', () => {
    const { ask, results, arrived, timing, close } = setUp({ delays: [{ ...there, meanMs: 20 }] });
    ask();
    close();
    expect(results).toMatchObject([{ type: 'error', code: 'disconnected', definite: false }]);
    timing.advance(1_000);
    expect(arrived).toHaveLength(0);
    expect(results).toHaveLength(1);
  });
});
