/** Reads: what each level promises, and by which rules of Ongaro's thesis, section 6.4. */
import { describe, expect, test } from 'vitest';
import { type Flight, get, put, textOf, World } from '../testing/world.js';

const nodes = ['n1', 'n2', 'n3'];
const cut =
  (node: string) =>
  ({ from, to }: Flight) =>
    from !== node && to !== node;

function withValue(value: string): World {
  const world = World.elected({ nodes });
  world.request('n3', put('a', value));
  world.run(100);
  return world;
}

describe('a linearizable read', () => {
  test('"waits for acknowledgments from a majority of the cluster" before it is answered', () => {
    const world = withValue('x');
    const read = world.request('n3', get('a'));
    expect(read.result).toBeNull();
    const probes = world.flights.filter(({ message }) => message.type === 'heartbeat');
    expect(probes).toHaveLength(2);
    world.deliver(probes[0] as Flight);
    expect(read.result).toBeNull();
    world.deliverAll(({ message }) => message.type === 'alive');
    expect(textOf(read.result)).toBe('x');
  });

  test('an old acknowledgement does not count: the heartbeat must have left after the question', () => {
    const world = withValue('x');
    const first = world.request('n3', get('a'));
    const early = world.flights.filter(({ message }) => message.type === 'heartbeat');
    for (const flight of early) world.deliver(flight);
    const second = world.request('n3', get('a'));
    world.deliverAll(({ message }) => message.type === 'alive');
    expect(textOf(first.result)).toBe('x');
    expect(second.result).toBeNull();
    world.run(10);
    expect(textOf(second.result)).toBe('x');
  });

  test('is not answered by a coordinator that was deposed without its knowing', () => {
    const world = withValue('old');
    // n3 is stopped; meanwhile n2 leads and writes.
    world.node('n3').syncsAtOnce = true;
    const n3 = world.node('n3');
    for (let at = 0; at < 200 && world.leaders.at(-1)?.id !== 'n2'; at++) runWithout(world, n3.id);
    const write = world.request('n2', put('a', 'new'));
    runWithout(world, 'n3');
    expect(write.result?.type).toBe('done');
    expect(n3.replica.inspect().role).toBe('leader');
    const stale = world.request('n3', get('a'), { level: 'leader' });
    const fresh = world.request('n3', get('a'), { level: 'linearizable' });
    expect(textOf(stale.result)).toBe('old');
    expect(fresh.result).toBeNull();
    world.run(3000);
    expect(textOf(fresh.result)).toBe('new');
  });

  test('"must have committed an entry in its own term": a new coordinator first learns what was chosen before it', () => {
    const world = World.elected({ nodes });
    // Chosen by n3 and n2, acknowledged to the client; n2 has accepted it, but not heard that it is chosen.
    const write = world.request('n3', put('a', 'x'));
    world.deliverAll(({ message, to }) => message.type === 'accept' && to === 'n2');
    world.deliverAll(({ message, to }) => message.type === 'accepted' && to === 'n3');
    expect(write.result?.type).toBe('done');
    world.flights = [];
    world.node('n3').crash();
    // n2 comes to lead, but nobody accepts anything of it yet.
    const withoutAccepts = (flight: Flight) => flight.message.type !== 'accept';
    world.runUntil(() => world.leaders.at(-1)?.id === 'n2', 3000, withoutAccepts);
    const reads = [
      world.request('n2', get('a')),
      world.request('n2', get('a'), { level: 'leader' }),
      world.request('n1', get('a')),
    ];
    world.run(300, withoutAccepts);
    expect(reads.map(({ result }) => result)).toEqual([null, null, null]);
    world.run(300);
    expect(reads.map(({ result }) => textOf(result))).toEqual(['x', 'x', 'x']);
  });

  test('costs no log entry, and all reads of a turn share one round of heartbeats', () => {
    const world = withValue('x');
    const before = world.node('n3').fact('applied');
    const node = world.node('n3');
    let probes = 0;
    world.onSend = ({ message }) => {
      if (message.type === 'heartbeat') probes++;
    };
    node.turn((ctx) => {
      for (let id = 9000; id < 9500; id++) {
        const request = { id, operation: get('a'), level: null, session: null, timeoutMs: 1000 };
        node.replica.onRequest(request as never, ctx);
      }
      ctx.reply = () => {};
    });
    expect(probes).toBe(2);
    expect(world.node('n3').fact('applied')).toBe(before);
  });

  test('at a follower: the follower asks for the slot, waits until it has executed it, and reads its own state', () => {
    const world = withValue('x');
    const toOthers = ({ to }: Flight) => to !== 'n1';
    const write = world.request('n3', put('a', 'y'));
    world.deliverAll(toOthers);
    expect(write.result?.type).toBe('done');
    const late = world.flights.filter(({ to }) => to === 'n1');
    world.flights = [];
    const read = world.request('n1', get('a'));
    world.deliverAll(({ message }) => message.type !== 'learn');
    expect(read.result).toBeNull();
    for (const flight of late) world.deliver(flight);
    expect(textOf(read.result)).toBe('y');
  });

  test('without a majority nothing is answered but errors: unavailable and definite once nobody coordinates', () => {
    const world = withValue('x');
    world.run(3000, () => false);
    const read = world.request('n3', get('a'));
    const write = world.request('n1', put('a', 'y'));
    world.run(6000, () => false);
    for (const { result } of [read, write]) {
      expect(result).toMatchObject({ type: 'error', code: 'unavailable', definite: true });
    }
  });
});

describe('the other levels', () => {
  test('`local` reads this replica, connected or not', () => {
    const world = withValue('x');
    world.run(3000, cut('n1'));
    const write = world.request('n3', put('a', 'y'));
    world.run(300, cut('n1'));
    expect(write.result?.type).toBe('done');
    expect(textOf(world.request('n1', get('a'), { level: 'local' }).result)).toBe('x');
  });

  test('others are refused by name, and nothing is done', () => {
    const world = withValue('x');
    const { result } = world.request('n3', get('a'), { level: 'quorum' });
    expect(result).toMatchObject({ type: 'error', code: 'bad-request', definite: true });
    expect(result).toHaveProperty(
      'message',
      expect.stringContaining('linearizable, leader, local'),
    );
  });
});

/** Lets 10 ms pass for all nodes but this one, which hears and does nothing. */
function runWithout(world: World, stopped: string): void {
  const end = world.now + 10;
  const others = world.up.filter(({ id }) => id !== stopped);
  while (world.now < end) {
    world.now += 1;
    for (const node of others) if (node.nextTimerAt <= world.now) node.fireTimers();
    world.deliverAll(cut(stopped));
    world.flights = [];
  }
}
