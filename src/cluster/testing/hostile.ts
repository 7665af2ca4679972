/**
 * What somebody could write to a socket of ours who wants no good: random bytes, valid frames with bytes changed, and
 * what is known to have cost memory or time. All of it comes from one seed.
 */
import type { Random } from '../../core/random.js';
import { encodeAs } from '../../runtime/cbor.js';
import { anything } from '../../runtime/cbor-tuples.js';
import { framesVersion } from '../../runtime/links/client-frames.js';

type Make = (random: Random, cluster: string) => Uint8Array;

export function frameOf(body: Uint8Array, length = body.length): Uint8Array {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32BE(length);
  frame.set(body, 4);
  return frame;
}

const tuple = (...items: unknown[]): Uint8Array => frameOf(encodeAs(anything, items));
const flood = (head: string, bytes: string, count: number): Uint8Array =>
  frameOf(
    Buffer.concat([
      Buffer.from(head, 'hex'),
      Buffer.alloc((count * bytes.length) / 2, bytes, 'hex'),
    ]),
  );
const lengthHex = (count: number): string => count.toString(16).padStart(8, '0');
const pick = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)] as T;

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

const names = ['', 'n1', 'n2', 'n9', 'x'.repeat(65), '\u001b[2J', 'é', '__proto__'] as const;
const numbers = [0, -1, 0.5, 2 ** 53, -0, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 1] as const;
const oddities: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => undefined,
  () => [],
  () => new Uint8Array(3),
  (random) => pick(random, names),
  (random) => pick(random, numbers),
  () => [[[[[[]]]]]],
  () => true,
];

/** Items that a client, a peer, or a command for the daemon could send, with a field or two that are not right. */
const templates: readonly ((random: Random) => unknown[])[] = [
  (r) => ['request', r.below(99), ['get', 'k'], null, null, null, 1000],
  (r) => ['request', r.below(99), ['put', 'hostile', new Uint8Array(8)], null, null, null, 1000],
  () => [
    'request',
    1,
    [
      'txn',
      [
        ['check', 'k', null],
        ['put', 'hostile', new Uint8Array(1)],
      ],
    ],
    null,
    null,
    null,
    10,
  ],
  () => ['request', 1, ['reconfigure', 'add', 'n9'], null, null, null, 10],
  (r) => ['request', 1, ['get', 'k'], 'one', [pick(r, names), 1], [null, 5], 10],
  () => ['status', 1],
  () => ['lookup', 1, 'k'],
  () => ['scan', 1, false],
  () => ['order', 1, 'start', 'n9'],
  () => ['states', 1],
  () => ['heartbeat', [1, 'n1'], 1, 1, 1],
  () => ['rumour', [['k', [1, 'n1'], new Uint8Array(1)]], []],
  () => ['write', [['k', [1, 'n1'], new Uint8Array(1), 1]]],
  () => ['accept', [1, 'n1'], 1, [], 0],
  () => ['vote-request', ['n1'], [], [1, 1]],
];

function mutated(random: Random): Uint8Array {
  const item = pick(random, templates)(random);
  for (let change = random.below(3); change > 0; change--) {
    const at = random.below(item.length + 1);
    item[at] = pick(random, oddities)(random);
  }
  const frame = tuple(...Array.from({ length: 1 + random.below(3) }, () => item));
  for (let change = random.below(4); change > 0; change--) {
    frame[random.below(frame.length)] = random.below(256);
  }
  return frame;
}

const inRequest = (flood: unknown[]): Uint8Array =>
  tuple(['request', 1, ['txn', flood], null, null, null, 100]);

/** Each costs its sender little, and cost us much once. */
export const bombs: Readonly<Record<string, Make>> = {
  'nested tags': () => flood('', 'd833', 150),
  'many nested tags': () => flood('', 'd833', 200_000),
  'a bignum': () => flood(`81c25a${lengthHex(400_000)}`, 'ff', 400_000),
  'a number of eight bytes': () => frameOf(Buffer.from('811bffffffffffffffff', 'hex')),
  'a flood of maps': () => flood(`9a${lengthHex(400_000)}`, 'a0', 400_000),
  'a flood of lists': () => flood(`9a${lengthHex(400_000)}`, '80', 400_000),
  'a flood of byte strings': () => flood(`9a${lengthHex(200_000)}`, '4100', 200_000),
  'a flood of nothing': () => flood(`9a${lengthHex(400_000)}`, 'f6', 400_000),
  'a list that is not there': () => frameOf(Buffer.from('9affffffff', 'hex')),
  'a text that is not there': () => frameOf(Buffer.from('817affffffff', 'hex')),
  'deep lists': () => flood('', '81', 200_000),
  'indefinite lists': () => flood('', '9f', 1000),
  'half a large frame': () => frameOf(Buffer.alloc(100_000, 0x80), 4 * 1024 * 1024),
  'half a small frame': () => frameOf(Buffer.alloc(10, 0x80), 4000),
  'too large a frame': () => frameOf(new Uint8Array(10), 2 ** 32 - 1),
  'an empty frame': () => new Uint8Array(4),
  'frames of nothing': () => flood('80', '', 1),
  'a header cut short': () => new Uint8Array(3),
  'a huge name': (_, cluster) =>
    tuple(['client', framesVersion, cluster], ['status', 'x'.repeat(60_000)]),
  'a huge client': () =>
    tuple([
      'request',
      1,
      ['put', 'k', new Uint8Array(1)],
      null,
      ['c'.repeat(100_000), 1],
      null,
      100,
    ]),
  'a flood of lists in a request': () => inRequest(new Array(300_000).fill([])),
  'a flood of texts in a request': () => inRequest(new Array(100_000).fill(['a'])),
  'a flood of nothing in a request': () => inRequest(new Array(900_000).fill(null)),
  'a transaction of many steps': () =>
    tuple(['request', 1, ['txn', Array(20_000).fill(['get', 'k'])], null, null, null, 100]),
  'many requests': () =>
    tuple(
      ...Array.from({ length: 500 }, (_, id) => [
        'request',
        id,
        ['get', 'k'],
        null,
        null,
        null,
        100,
      ]),
    ),
  'rules without end': () => tuple(['set-faults', 1, [Array(50_000).fill(['n1', 'n2']), []], []]),
};

const hellos: readonly Make[] = [
  (_, cluster) => tuple(['client', framesVersion, cluster]),
  (_, cluster) => tuple(['peer', framesVersion, cluster, 'n2']),
  (_, cluster) => tuple(['peer', framesVersion, cluster, 'n9']),
  (_, cluster) => tuple(['client', framesVersion - 1, cluster]),
  () => tuple(['client', framesVersion, 'another']),
  (random, cluster) => tuple(['client', pick(random, numbers), cluster, pick(random, names)]),
  (random) => randomBytes(random, 40),
];

/** All that one connection sends, in the pieces in which it does. `onlyClient`: it never says that it is a peer. */
export function hostileBytes(random: Random, cluster: string, onlyClient = false): Uint8Array[] {
  const sent: Uint8Array[] = [];
  if (random.chance(0.8)) {
    const good = hellos[0] as Make;
    const hello = onlyClient || random.chance(0.7) ? good : pick(random, hellos);
    sent.push(hello(random, cluster));
  }
  for (let count = 1 + random.below(4); count > 0; count--) {
    const kind = random.next();
    if (kind < 0.6) sent.push(mutated(random));
    else if (kind < 0.8) sent.push(frameOf(randomBytes(random, 1 + random.below(60))));
    else if (kind < 0.9) sent.push(randomBytes(random, 1 + random.below(200)));
    else sent.push(pick(random, Object.values(bombs))(random, cluster));
  }
  return sent;
}
