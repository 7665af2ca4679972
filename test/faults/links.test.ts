/**
 * What every fault of a link does, measured from outside, on the links of every runtime. The commands for them are tried in
 * `commands.test.ts`.
 *
 * Where chance is measured, a right filter fails a test less often than once in a million: a mean of many samples is off by
 * more than {@link sigmasMax} of its standard deviations with a probability of 2e-7.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LinkRules } from '../../src/faults/link-rules.js';
import { noteTypes } from '../conformance/link.js';
import { type Carrier, carriers } from './carriers.js';
import { delaysOf, mean } from './delays.js';

const sigmasMax = 5.2;

/** So many of `count` happen with this `chance` each. */
function expectShare(happened: number, count: number, chance: number): void {
  const sigma = Math.sqrt(count * chance * (1 - chance));
  expect(Math.abs(happened - count * chance)).toBeLessThan(sigmasMax * sigma);
}

const [, prepare = '', accept = ''] = noteTypes;
/** What the simulator's network takes at most, but for once in a million messages. */
const ownMsMax = 0.1 + 0.4 * 14;
const toB = { from: 'a', to: 'b' };
const toA = { from: 'b', to: 'a' };
const batch = (type: string, count: number): string[] => new Array(count).fill(type);

describe.each(carriers)('on the links of %s', (_, open) => {
  let carrier: Carrier;
  beforeEach(async () => {
    carrier = await open();
  });
  afterEach(() => carrier.close());

  /** A hundred of one type each way, and what has arrived of it: at `b`, at `a`. */
  async function exchange(rules: Partial<LinkRules>, ...types: string[]): Promise<number[]> {
    carrier.setRules(rules);
    for (const type of types) {
      carrier.send('a', batch(type, 100));
      carrier.send('b', batch(type, 100));
    }
    carrier.setRules({});
    await carrier.arrived();
    const { a, b } = carrier.heard;
    return types.flatMap((type) =>
      [b, a].map((heard) => heard.filter((each) => each.type === type).length),
    );
  }

  test('a cut carries nothing, both ways or one', async () => {
    expect(await exchange({ cuts: [toB, toA] }, prepare)).toEqual([0, 0]);
    expect(await exchange({ cuts: [toB] }, accept)).toEqual([0, 100]);
  });

  test('messages of one type are cut, and nothing else is touched', async () => {
    const losses = [{ ...toB, type: accept, chance: 1 }];
    expect(await exchange({ losses }, accept, prepare)).toEqual([0, 100, 100, 100]);
  });

  test('one message is lost, twice there, or late, of all or of its type, each way by itself', async () => {
    const one = { nth: 2, heldMs: 0 } as const;
    carrier.setRules({
      singles: [
        { ...toB, ...one, fate: 'lost', fault: 1 },
        { ...toB, ...one, type: accept, fate: 'doubled', fault: 2 },
        { ...toA, ...one, nth: 3, heldMs: 30, fate: 'held', fault: 3 },
      ],
    });
    carrier.send('a', [prepare, accept, prepare, accept, accept]);
    carrier.send('b', batch(prepare, 5), 10);
    await carrier.until(() => carrier.heard.b.length >= 5 && carrier.heard.a.length >= 5);
    const { a, b } = carrier.heard;
    expect(b.map(({ n }) => n)).toEqual([0, 2, 3, 3, 4]);
    expect(a.map(({ n }) => n)).toEqual([10, 11, 13, 14, 12]);
  });

  test('a count goes on while other rules come and go, and what it meant is over', async () => {
    const singles = [{ ...toB, nth: 3, fate: 'lost', heldMs: 0, fault: 1 }] as const;
    carrier.setRules({ singles });
    carrier.send('a', batch(prepare, 2));
    carrier.setRules({ singles, cuts: [toA], delays: [{ ...toB, meanMs: 1 }] });
    carrier.send('a', batch(prepare, 2), 2);
    carrier.setRules({ singles });
    carrier.send('a', batch(prepare, 3), 4);
    await carrier.until(() => carrier.heard.b.length >= 6);
    carrier.setRules({ singles: singles.map((rule) => ({ ...rule, fault: 2 })) });
    carrier.send('a', batch(prepare, 3), 7);
    await carrier.until(() => carrier.heard.b.length >= 8);
    expect(carrier.heard.b.map(({ n }) => n)).toEqual([0, 1, 3, 4, 5, 6, 7, 8]);
  });

  test('a loss of 5% is 5%', async () => {
    const count = 20_000;
    carrier.setRules({
      losses: [
        { ...toB, chance: 0.05 },
        { ...toB, type: 'note', chance: 0 },
      ],
    });
    for (let sent = 0; sent < count; sent += 500) {
      carrier.send('a', batch(prepare, 500), sent);
      await carrier.arrived();
    }
    const { b } = carrier.heard;
    expect(new Set(b.map(({ n }) => n)).size).toBe(b.length);
    expectShare(count - b.length, count, 0.05);
  });

  test('10% that come twice are 10%, in order', async () => {
    const count = 10_000;
    carrier.setRules({ duplications: [{ ...toB, chance: 0.1 }] });
    for (let sent = 0; sent < count; sent += 500) {
      carrier.send('a', batch(prepare, 500), sent);
      await carrier.arrived();
    }
    const heard = carrier.heard.b.map(({ n }) => n);
    expect(heard).toEqual([...heard].sort((one, other) => one - other));
    expect(new Set(heard).size).toBe(count);
    expectShare(heard.length - count, count, 0.1);
  });

  test('10% that are overtaken are 10%, and none is lost', async () => {
    const count = 4_000;
    carrier.setRules({ reorderings: [{ ...toB, chance: 0.1, heldMsMax: 20 }] });
    carrier.send('a', batch(prepare, count));
    await carrier.until(() => carrier.heard.b.length >= count);
    const heard = carrier.heard.b.map(({ n }) => n);
    expect(new Set(heard).size).toBe(count);
    let greatest = -1;
    let overtaken = 0;
    for (const n of heard) {
      if (n < greatest) overtaken++;
      greatest = Math.max(greatest, n);
    }
    // Of those held back the last few, after which nothing was sent, may be overtaken by nobody.
    expectShare(overtaken, count, 0.1);
  });

  test('a delay of 20 ms ± 10 ms is that within 5%, over 2,000 messages', async () => {
    const took = await delaysOf(carrier, { ...toB, meanMs: 20, spread: 10 }, 2_000);
    // The mean of so many has a standard deviation of 0.13 ms; 5% is 1 ms. The simulator's network takes 0.5 ms by itself.
    expect(Math.abs(mean(took) - 20)).toBeLessThan(1);
    expect(Math.min(...took)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...took)).toBeLessThan(30 + ownMsMax);
  });

  test('a delay without bounds keeps the order', async () => {
    carrier.setRules({ delays: [{ ...toB, meanMs: 5, spread: 'exponential' }] });
    for (let sent = 0; sent < 200; sent += 10) {
      carrier.send('a', batch(prepare, 10), sent);
      await carrier.pass(1);
    }
    await carrier.until(() => carrier.heard.b.length === 200);
    expect(carrier.heard.b.map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (__, n) => n));
  });

  test('a bandwidth of 100 kB a second is that within 5%, and its queue fills', async () => {
    const body = new Uint8Array(1_000 - 30);
    const bandwidth = { ...toB, bytesPerSecond: 100_000, queueBytes: 1e6 };
    carrier.setRules({ bandwidths: [bandwidth] });
    const sentAt = carrier.clock.now();
    carrier.send('a', batch(prepare, 30), 0, body);
    await carrier.until(() => carrier.heard.b.length === 30);
    const tookMs = (carrier.heard.b.at(-1)?.atMs ?? 0) - sentAt;
    expect(Math.abs(tookMs - 300)).toBeLessThan(300 * 0.05);
    carrier.setRules({ bandwidths: [{ ...bandwidth, queueBytes: 5_500 }] });
    carrier.send('a', batch(accept, 30), 0, body);
    await carrier.pass(100);
    const accepted = carrier.heard.b.filter(({ type }) => type === accept);
    expect(accepted.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
  });
});
